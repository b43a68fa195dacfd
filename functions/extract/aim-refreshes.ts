import { duePosts } from '#shared/db/operations/due-metrics.ts'
import type { Cursor } from '#shared/model/sync.ts'
import type { Batch } from './deps.ts'
import { type Hand, inHand, moveAll } from './hand.ts'

/** Of one account at a time; what is left is due again at the next plan. */
const mostPosts = 1_000

const isUnaimed = ({ task, cursor }: Hand) =>
  task.mode === 'refresh' && !cursor.profile && cursor.ended === null && cursor.until === null

/**
 * Aims tasks that refresh numbers at the posts that are due now: by their ids where the platform takes ids, else by a
 * walk back to the oldest of them. A task whose posts were all seen meanwhile ends here.
 */
export async function aimAtDuePosts(batch: Batch): Promise<void> {
  const unaimed = batch.hands.filter((hand) => inHand(hand) && isUnaimed(hand))
  if (unaimed.length === 0) return
  const accountIds = unaimed.map(({ task }) => task.account_id)
  const wanted = { youngerThanDays: batch.refreshDays, limit: mostPosts }
  const found = await duePosts(batch.db, accountIds, wanted)
  const due = new Map(found.map((posts) => [posts.account_id, posts]))
  for (const hand of unaimed) {
    const posts = due.get(hand.task.account_id)
    if (!posts || batch.connector.refresh) hand.cursor = byId(hand.cursor, posts?.ids ?? [])
    else hand.cursor = { ...hand.cursor, until: posts.oldest.toISOString() }
  }
  await end(
    batch,
    unaimed.filter(({ cursor }) => cursor.ended !== null && cursor.pending.length === 0),
  )
}

const byId = (cursor: Cursor, ids: readonly string[]): Cursor => ({
  ...cursor,
  profile: true,
  ended: 'by-id',
  pending: [...ids],
})

/** Nothing is left to ask. */
async function end(batch: Batch, hands: readonly Hand[]): Promise<void> {
  if (hands.length === 0) return
  await moveAll(
    batch,
    hands.map((hand) => ({ hand, cursor: hand.cursor })),
  )
}
