import type { AskedPost, Lookup } from '#shared/platforms/platform.ts'
import { ask, split } from './ask.ts'
import type { AskDeps } from './deps.ts'
import { guarded, halvesOf } from './guarded.ts'
import { type Hand, inHand, isListing } from './hand.ts'
import { type Keeping, keep } from './keep.ts'
import type { Ringer } from './rings.ts'

/** A post that a task is to ask about by its id. */
interface Wanted {
  readonly hand: Hand
  readonly id: string
}

const keyOf = ({ hand, id }: Wanted): AskedPost => ({ id, subject: hand.task })

/**
 * Looks up posts by id in full calls over all tasks in hand: those that a list named, and those whose numbers are due.
 * What does not fill a call waits while lists may name more.
 */
export async function lookUpPosts(
  deps: AskDeps,
  hands: readonly Hand[],
  rings: Ringer,
  timeLeft: () => boolean,
): Promise<void> {
  const { posts, refresh } = deps.connector
  const refreshing = hands.filter(({ task }) => task.mode === 'refresh')
  const discovering = hands.filter(({ task }) => task.mode !== 'refresh')
  if (posts) await lookUpWith(deps, posts, discovering, rings, timeLeft)
  if (refresh) await lookUpWith(deps, refresh, refreshing, rings, timeLeft)
}

async function lookUpWith(
  deps: AskDeps,
  lookup: Lookup<AskedPost>,
  hands: readonly Hand[],
  rings: Ringer,
  timeLeft: () => boolean,
): Promise<void> {
  const wanted = hands.filter(inHand).flatMap((hand) => hand.cursor.pending.map((id) => ({ hand, id })))
  const batches = lookup.batches(wanted, keyOf)
  if (hands.some(isListing) && (batches.at(-1)?.length ?? 0) < lookup.size) batches.pop()
  for (const batch of batches) {
    if (!timeLeft()) return
    await lookUpBatch(
      deps,
      lookup,
      batch.filter(({ hand }) => inHand(hand)),
      rings,
    )
  }
}

async function lookUpBatch(
  deps: AskDeps,
  lookup: Lookup<AskedPost>,
  batch: readonly Wanted[],
  rings: Ringer,
): Promise<void> {
  const wantedOf = Map.groupBy(batch, ({ hand }) => hand)
  if (wantedOf.size === 0) return
  const keys = [...new Map(batch.map((wanted) => [wanted.id, keyOf(wanted)])).values()]
  const hands = [...wantedOf.keys()].sort((a, b) => Number(a.task.id) - Number(b.task.id))
  const call = { endpoint: lookup.endpoint, need: lookup.need(keys) }
  const answer = await ask(deps, hands, call, () => lookup.ask(keys))
  if (answer === split)
    for (const half of halvesOf(hands))
      await lookUpBatch(
        deps,
        lookup,
        half.flatMap((hand) => wantedOf.get(hand) ?? []),
        rings,
      )
  if (!answer || answer === split) return
  const keepingOf = (hand: Hand): Keeping => {
    const wanted = wantedOf.get(hand) ?? []
    const ids = new Set(wanted.map(({ id }) => id))
    const pending = hand.cursor.pending.filter((id) => !ids.has(id))
    const cursor = { ...hand.cursor, lookups: hand.cursor.lookups + 1, pending }
    const { body, unanswered } = answer.partFor(wanted.map(keyOf))
    for (const id of unanswered) ids.delete(id)
    const { answeredAt } = answer
    return {
      hand,
      cursor,
      endpoint: lookup.endpoint,
      page_no: cursor.lookups,
      body,
      asked: [...ids],
      answeredAt,
    }
  }
  await guarded(deps, hands, call, async () => rings.kept(await keep(deps, hands.map(keepingOf))))
}
