import type { AskedPost, Lookup } from '#shared/platforms/platform.ts'
import { ask, split } from './ask.ts'
import type { Batch } from './deps.ts'
import { guarded, halvesOf } from './guarded.ts'
import { type Hand, inHand, isListing } from './hand.ts'
import { type Keeping, keep } from './keep.ts'

/** A post that a task is to ask about by its id. */
interface Wanted {
  readonly hand: Hand
  readonly id: string
}

const keyOf = ({ hand, id }: Wanted): AskedPost => ({ id, subject: hand.task })

/**
 * Looks up posts by id in full calls over all tasks in hand, so many calls at most: those that a list named, and those
 * whose numbers are due. What does not fill a call waits as long as all of it is of lists that are read on.
 */
export async function lookUpPosts(batch: Batch, most: number): Promise<void> {
  const { posts, refresh } = batch.connector
  const refreshing = batch.hands.filter(({ task }) => task.mode === 'refresh')
  const discovering = batch.hands.filter(({ task }) => task.mode !== 'refresh')
  if (posts) await lookUpWith(batch, posts, discovering, most)
  if (refresh) await lookUpWith(batch, refresh, refreshing, most)
}

async function lookUpWith(
  batch: Batch,
  lookup: Lookup<AskedPost>,
  hands: readonly Hand[],
  most: number,
): Promise<void> {
  // First those whose lists have ended: they wait for nothing else.
  const waiting = hands.filter(inHand).toSorted((a, b) => Number(isListing(a)) - Number(isListing(b)))
  const wanted = waiting.flatMap((hand) => hand.cursor.pending.map((id) => ({ hand, id })))
  const calls = lookup.batches(wanted, keyOf)
  // What does not fill a call waits for lists that may name more.
  const isPartial = (calls.at(-1)?.length ?? 0) < lookup.size
  if (isPartial && calls.at(-1)?.every(({ hand }) => isListing(hand))) calls.pop()
  for (const call of calls.slice(0, most)) {
    if (!batch.goesOn()) return
    await lookUpTogether(
      batch,
      lookup,
      call.filter(({ hand }) => inHand(hand)),
    )
  }
}

async function lookUpTogether(
  batch: Batch,
  lookup: Lookup<AskedPost>,
  posts: readonly Wanted[],
): Promise<void> {
  const wantedOf = Map.groupBy(posts, ({ hand }) => hand)
  if (wantedOf.size === 0) return
  const keys = [...new Map(posts.map((wanted) => [wanted.id, keyOf(wanted)])).values()]
  const hands = [...wantedOf.keys()].sort((a, b) => Number(a.task.id) - Number(b.task.id))
  const call = { endpoint: lookup.endpoint, need: lookup.need(keys) }
  const answer = await ask(batch, hands, call, () => lookup.ask(keys, batch.signal))
  if (answer === split)
    for (const half of halvesOf(hands))
      await lookUpTogether(
        batch,
        lookup,
        half.flatMap((hand) => wantedOf.get(hand) ?? []),
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
  await guarded(batch, hands, call, () => keep(batch, hands.map(keepingOf)))
}
