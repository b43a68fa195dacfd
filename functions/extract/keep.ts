import { hash } from 'node:crypto'
import { holdAccounts } from '#shared/db/tables/accounts.ts'
import { insertPages, type NewPage } from '#shared/db/tables/new-pages.ts'
import { healAccounts } from '#shared/db/tables/refusals.ts'
import { advanceTasks } from '#shared/db/tables/sync-tasks.ts'
import type { Cursor } from '#shared/model/sync.ts'
import { count } from '#shared/telemetry/metrics.ts'
import { storable } from './body.ts'
import type { Batch } from './deps.ts'
import { advanceTo, type Hand, moveOn } from './hand.ts'

/** One answer to keep for one task, and the cursor that is right once it is kept. */
export interface Keeping {
  readonly hand: Hand
  readonly cursor: Cursor
  readonly endpoint: string
  readonly page_no: number
  readonly body: string
  /** Ids of posts asked about and answered, found or not; null: a profile or a list was asked for. */
  readonly asked: readonly string[] | null
  readonly answeredAt: number
  /** The answer does not contain the account, so it does not end a refusal. */
  readonly isEmpty?: boolean
}

type KeepDeps = Pick<Batch, 'db' | 'bodies' | 'platform' | 'leaseS' | 'kept'>

/**
 * Keeps answers to one call and moves the cursors in one transaction: ends refusals, locks the accounts against erasure, moves
 * the tasks that are still ours, and inserts pages for these alone. Bodies that lie outside are put before. A hand whose task is no
 * longer ours is lost.
 */
export async function keep(deps: KeepDeps, keepings: readonly Keeping[]): Promise<void> {
  const answers = keepings.map(answerOf)
  const keys = await deps.bodies.put(
    deps.db,
    answers.map((answer) => ({ ...answer, platform: deps.platform })),
  )
  // Taken before the transaction, whose beginning is the database's time in it: an answer is never dated before it came.
  const now = performance.now()
  const ours = await deps.db.transaction(async (tx) => {
    await healAccounts(
      tx,
      keepings[0]?.endpoint ?? '',
      keepings.flatMap(({ hand: { task }, isEmpty }) =>
        task.is_refused && !isEmpty ? [task.account_id] : [],
      ),
    )
    const accounts = await holdAccounts(
      tx,
      keepings.map(({ hand }) => hand.task.account_id),
    )
    const alive = keepings.filter(({ hand }) => accounts.has(hand.task.account_id))
    const moved = await advanceTasks(
      tx,
      alive.map(({ hand, cursor }) => advanceTo(hand, cursor)),
      deps.leaseS,
    )
    const isKept = ({ hand: { task } }: Keeping) => accounts.has(task.account_id) && moved.has(task.id)
    await insertPages(
      tx,
      keepings.flatMap((keeping, place) => {
        const answer = answers[place]
        if (!answer || !isKept(keeping)) return []
        return [{ ...answer, ...lineOf(deps, keeping, now), body_key: keys[place] ?? null }]
      }),
    )
    return moved
  })
  count('social_sync.pages', ours.size, {
    'social_sync.outcome': 'stored',
    'social_sync.platform': deps.platform,
  })
  for (const { hand, cursor } of keepings) moveOn(hand, cursor, ours)
  deps.kept.pages += ours.size
}

/** The text as it is kept. */
function answerOf({ body }: Keeping) {
  const { bytes, nuls } = storable(body)
  return { body: bytes, body_bytes: bytes.length, body_sha256: hash('sha256', bytes), nul_count: nuls }
}

type Line = Omit<NewPage, keyof ReturnType<typeof answerOf> | 'body_key'>

function lineOf({ platform }: KeepDeps, keeping: Keeping, now: number): Line {
  const { hand, cursor, endpoint, page_no, asked, answeredAt } = keeping
  return {
    sync_task_id: hand.task.id,
    account_id: hand.task.account_id,
    platform,
    endpoint,
    walk: cursor.walk,
    page_no,
    lane: hand.task.lane,
    traceparent: hand.span.traceparent,
    asked,
    age_ms: Math.max(0, now - answeredAt),
  }
}
