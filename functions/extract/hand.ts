import type { Db } from '#shared/db/pool.ts'
import { type Advance, advanceTasks } from '#shared/db/tables/sync-tasks.ts'
import type { Cursor, WalkOutcome } from '#shared/model/sync.ts'
import { currentTraceparent, type OpenSpan, openSpan } from '#shared/telemetry/span.ts'
import type { AskableTask } from './tokens.ts'

/** A task in hand: claimed, and walked by this run until it ends, waits, or is lost to another one. */
export interface Hand {
  readonly task: AskableTask
  /** As committed; moved on only after the pages it counts are kept. */
  cursor: Cursor
  /**
   * refused: not asked about any more, until its refusal is weighed against those of others. settled: waiting or failed.
   * lost: another claim has it, or its account is erased.
   */
  state: 'in hand' | 'refused' | 'ended' | 'settled' | 'lost'
  /** Claims since the last page was kept. */
  attempts: number
  /** Pages of its list that were asked for in this claim. */
  turns: number
  /** This claim's part of the sync's trace. */
  readonly span: OpenSpan
}

/** The trace of a sync begins with its first claim, unless a caller began it. */
export const takeInHand = (task: AskableTask): Hand => ({
  task,
  cursor: task.cursor,
  state: 'in hand',
  attempts: task.attempts,
  turns: 0,
  span: openSpan('walk', {
    parent: task.traceparent,
    links: [currentTraceparent()],
    attributes: {
      'social_sync.platform': task.platform,
      'social_sync.account.id': task.account_id,
      'social_sync.task.id': task.id,
      'social_sync.lane': task.lane,
    },
  }),
})

/** Held by this run. */
export const isHeld = ({ state }: Hand) => state === 'in hand' || state === 'refused'
export const inHand = (hand: Hand) => hand.state === 'in hand'
export const isListing = (hand: Hand) => inHand(hand) && hand.cursor.ended === null

/** How the walk ended with this cursor; null: something is still to be asked. */
export function outcomeOf(cursor: Cursor): WalkOutcome | null {
  if (!cursor.profile || cursor.ended === null || cursor.pending.length > 0) return null
  return cursor.ended === 'platform' && cursor.unbroken ? 'whole' : 'partial'
}

/** What the guarded write came to for one hand: `ours` are the tasks that it moved. */
export function moveOn(hand: Hand, cursor: Cursor, ours: ReadonlySet<string>): void {
  if (!ours.has(hand.task.id)) {
    hand.state = 'lost'
    return
  }
  hand.cursor = cursor
  hand.attempts = 0
  if (outcomeOf(cursor) !== null) hand.state = 'ended'
}

/** Moves hands whose walk has ended without a page to keep, as far as their tasks are still ours. */
export async function moveAll(
  { db, leaseS }: { readonly db: Db; readonly leaseS: number },
  moves: readonly { readonly hand: Hand; readonly cursor: Cursor }[],
): Promise<void> {
  const advances = moves.map(({ hand, cursor }) => advanceTo(hand, cursor))
  const ours = await db.transaction((tx) => advanceTasks(tx, advances, leaseS))
  for (const { hand, cursor } of moves) moveOn(hand, cursor, ours)
}

/** The guarded write that moves a task to this cursor. */
export function advanceTo(hand: Hand, cursor: Cursor): Advance {
  const { id, lease_token } = hand.task
  return { id, lease_token, cursor, outcome: outcomeOf(cursor), traceparent: hand.span.traceparent }
}
