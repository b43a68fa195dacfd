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

interface Limit {
  readonly timeLeft: () => boolean
  /** Calls made at most. */
  readonly most: number
}

/**
 * Looks up posts by id in full calls over all tasks in hand: those that a list named, and those whose numbers are due.
 * What does not fill a call waits as long as all of it is of lists that are read on.
 */
export async function lookUpPosts(
  deps: AskDeps,
  hands: readonly Hand[],
  rings: Ringer,
  limit: Limit,
): Promise<void> {
  const { posts, refresh } = deps.connector
  const refreshing = hands.filter(({ task }) => task.mode === 'refresh')
  const discovering = hands.filter(({ task }) => task.mode !== 'refresh')
  if (posts) await lookUpWith(deps, posts, discovering, rings, limit)
  if (refresh) await lookUpWith(deps, refresh, refreshing, rings, limit)
}

async function lookUpWith(
  deps: AskDeps,
  lookup: Lookup<AskedPost>,
  hands: readonly Hand[],
  rings: Ringer,
  { timeLeft, most }: Limit,
): Promise<void> {
  // First those whose lists have ended: they wait for nothing else.
  const waiting = hands.filter(inHand).toSorted((a, b) => Number(isListing(a)) - Number(isListing(b)))
  const wanted = waiting.flatMap((hand) => hand.cursor.pending.map((id) => ({ hand, id })))
  const batches = lookup.batches(wanted, keyOf)
  // What does not fill a call waits for lists that may name more.
  const isPartial = (batches.at(-1)?.length ?? 0) < lookup.size
  if (isPartial && batches.at(-1)?.every(({ hand }) => isListing(hand))) batches.pop()
  for (const batch of batches.slice(0, most)) {
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
