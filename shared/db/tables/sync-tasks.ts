import type { Cursor, WalkOutcome } from '../../model/sync.ts'
import { columns } from '../columns.ts'
import type { Queryable } from '../pool.ts'
import { type Sql, sql } from '../sql.ts'

export interface Advance {
  readonly id: string
  readonly lease_token: string
  readonly cursor: Cursor
  /** How the walk ended; null: it goes on. */
  readonly outcome: WalkOutcome | null
  /** Kept as the trace of the sync when it has none yet. */
  readonly traceparent: string | null
}

const advance = columns<Advance & { readonly newest: string | null }>({
  id: 'bigint',
  lease_token: 'bigint',
  cursor: 'jsonb',
  outcome: 'text',
  newest: 'timestamptz',
  traceparent: 'text',
})

/**
 * Moves the cursors of leased tasks and extends their leases, in id order. Returns the ids still ours: a task whose
 * lease went to another invocation is left out, and nothing may be kept for it.
 */
export async function advanceTasks(
  tx: Queryable,
  advances: readonly Advance[],
  leaseS: number,
): Promise<Set<string>> {
  const rows = advances.map((one) => ({ ...one, newest: one.cursor.newest }))
  const ours = await tx.rows<{ id: string }>(sql`
    with r as (
      select * from ${advance.rows(rows)}
    ), held as (
      select t.id from sync_tasks t join r on r.id = t.id and r.lease_token = t.lease_token
      where t.status = 'extracting' order by t.id for no key update of t
    )
    update sync_tasks t set cursor = r.cursor, attempts = 0, touched_at = app_now(), last_error = null,
      newest_post_at = r.newest, traceparent = coalesce(t.traceparent, r.traceparent),
      status = case when r.outcome is null then 'extracting' else 'transforming' end,
      lease_until = case when r.outcome is null then app_now() + ${leaseS} * interval '1 second' end,
      walk_outcome = r.outcome,
      walk_ended_at = case when r.outcome is not null then app_now() end
    from r, held where r.id = held.id and t.id = held.id
    returning t.id`)
  return new Set(ours.map((task) => task.id))
}

export interface Leased {
  readonly id: string
  readonly lease_token: string
}

const leased = columns<Leased>({ id: 'bigint', lease_token: 'bigint' })
const held = (tasks: readonly Leased[]) => sql`
  held as (
    select t.id from sync_tasks t
    join ${leased.rows(tasks.map(({ id, lease_token }) => ({ id, lease_token })))} on r.id = t.id and r.lease_token = t.lease_token
    where t.status = 'extracting' order by t.id for no key update of t
  )`

/** Extends leases of tasks that have no page to keep yet; returns the ids still ours. */
export async function extendLeases(
  db: Queryable,
  tasks: readonly Leased[],
  leaseS: number,
): Promise<Set<string>> {
  if (tasks.length === 0) return new Set()
  const ours = await db.rows<{ id: string }>(sql`
    with ${held(tasks)}
    update sync_tasks t set lease_until = app_now() + ${leaseS} * interval '1 second' from held where t.id = held.id
    returning t.id`)
  return new Set(ours.map((task) => task.id))
}

/**
 * Gives tasks back when time runs out: cursor kept, the claim not counted, so that the next tick goes on. Returns those that
 * were still ours.
 */
export async function releaseTasks(db: Queryable, tasks: readonly Leased[]): Promise<Set<string>> {
  if (tasks.length === 0) return new Set()
  const released = await db.rows<{ id: string }>(sql`
    with ${held(tasks)}
    update sync_tasks t set status = 'queued', lease_token = t.lease_token + 1, lease_until = null, run_at = app_now(),
      attempts = greatest(t.attempts - 1, 0), touched_at = app_now()
    from held where t.id = held.id returning t.id`)
  return new Set(released.map((task) => task.id))
}

export interface Wait {
  readonly reason: string
  readonly error: string | null
  readonly afterMs: number
  /** Whether this claim counts against the attempts of the task. */
  readonly counts: boolean
}

// A walk that waits after its first page is no longer of one time.
const brokenCursor = sql`
  case when (t.cursor ->> 'page_no')::int > 0 then jsonb_set(t.cursor, '{unbroken}', 'false') else t.cursor end`

/** A task that was set waiting, and until when. */
export interface Waiting {
  readonly id: string
  readonly run_at: Date
}

/** Sets tasks waiting for a time. They keep their cursor and try it first. Returns those that were still ours. */
export async function waitTasks(db: Queryable, tasks: readonly Leased[], wait: Wait): Promise<Waiting[]> {
  if (tasks.length === 0) return []
  return db.rows<Waiting>(sql`
    with ${held(tasks)}
    update sync_tasks t set status = 'waiting', reason = ${wait.reason}, last_error = ${wait.error}, cursor = ${brokenCursor},
      lease_token = t.lease_token + 1, lease_until = null, run_at = app_now() + ${wait.afterMs} * interval '1 millisecond',
      attempts = greatest(t.attempts - ${wait.counts ? 0 : 1}, 0), touched_at = app_now()
    from held where t.id = held.id returning t.id, t.run_at`)
}

export interface QuotaWait {
  readonly pool: string
  readonly reason: string
  readonly error: string | null
  readonly opens_at: Date
  readonly period_s: number
  /** Tasks that one window can carry. */
  readonly carries: number
}

/**
 * Sets tasks waiting until their pool opens, as many per window as it can carry, spread over a minute so that they
 * do not all start at once. Returns those that were still ours.
 */
export async function waitForPool(
  db: Queryable,
  tasks: readonly Leased[],
  wait: QuotaWait,
): Promise<Waiting[]> {
  if (tasks.length === 0) return []
  return db.rows<Waiting>(sql`
    with ${held(tasks)}, ahead as (
      select count(*) as count from sync_tasks where status = 'waiting' and wait_pool = ${wait.pool}
    ), placed as (
      select held.id, (ahead.count + row_number() over (order by held.id) - 1) / ${wait.carries}::bigint as windows
      from held, ahead
    )
    update sync_tasks t set status = 'waiting', reason = ${wait.reason}, wait_pool = ${wait.pool}, last_error = ${wait.error},
      cursor = ${brokenCursor}, lease_token = t.lease_token + 1, lease_until = null,
      run_at = ${wait.opens_at}::timestamptz + placed.windows * ${wait.period_s} * interval '1 second'
        + random() * interval '1 minute',
      attempts = greatest(t.attempts - 1, 0), touched_at = app_now()
    from placed where t.id = placed.id returning t.id, t.run_at`)
}

/**
 * Ends walks that can never go on; the tasks become failed when none of their pages is left to transform. Returns those still
 * ours.
 */
export async function failWalks(
  db: Queryable,
  tasks: readonly Leased[],
  error: string,
): Promise<{ id: string }[]> {
  if (tasks.length === 0) return []
  return db.rows(sql`
    with ${held(tasks)}
    update sync_tasks t set status = 'transforming', walk_outcome = 'failed', walk_ended_at = app_now(),
      last_error = ${error}, lease_token = t.lease_token + 1, lease_until = null, touched_at = app_now()
    from held where t.id = held.id returning t.id`)
}

/** Ends walks as they stand, of tasks, as `t`, that have not ended: what they have kept is all of it. Returns them. */
export async function cutWalks(db: Queryable, which: Sql): Promise<string[]> {
  const ended = await db.rows<{ id: string }>(sql`
    with cut as (${which} order by t.id for no key update of t)
    update sync_tasks t set status = 'transforming', walk_outcome = 'partial', walk_ended_at = app_now(), reason = null,
      wait_pool = null, lease_token = t.lease_token + 1, lease_until = null, touched_at = app_now()
    from cut where t.id = cut.id returning t.id`)
  return ended.map((task) => task.id)
}

/** Tasks, as `t`, that wait are due at once. @param waiting selects their ids */
export async function wakeTasks(tx: Queryable, waiting: Sql): Promise<void> {
  await tx.rows(sql`
    with held as (${waiting} order by t.id for no key update of t)
    update sync_tasks t set run_at = app_now() from held where t.id = held.id`)
}

/** Tasks, as `t`, that are final wait again for their pages or ML jobs, which leaves the account free. The caller holds them. */
export async function reopenTasks(tx: Queryable, which: Sql): Promise<void> {
  await tx.rows(sql`
    update sync_tasks t set status = 'enriching', reason = null, finished_at = null, touched_at = app_now(),
      walk_outcome = coalesce(t.walk_outcome, 'partial'), walk_ended_at = coalesce(t.walk_ended_at, app_now())
    where t.status in ('done', 'failed', 'cancelled') and ${which}`)
}

const traced = columns<{ readonly id: string; readonly traceparent: string }>({
  id: 'bigint',
  traceparent: 'text',
})

/** Names the traces of syncs that have none yet. */
export async function nameTraces(
  db: Queryable,
  traces: readonly { readonly id: string; readonly traceparent: string }[],
): Promise<void> {
  if (traces.length === 0) return
  await db.rows(sql`
    with r as (
      select * from ${traced.rows(traces)}
    ), held as (
      select t.id from sync_tasks t join r on r.id = t.id where t.traceparent is null order by t.id for no key update of t
    )
    update sync_tasks t set traceparent = r.traceparent from r, held where r.id = held.id and t.id = held.id`)
}

/** Ends open tasks, as `t`, for good; their leases are void. The caller holds them. Returns them. */
export async function cancelTasks(tx: Queryable, which: Sql): Promise<string[]> {
  const cancelled = await tx.rows<{ id: string }>(sql`
    update sync_tasks t set status = 'cancelled', lease_token = lease_token + 1, lease_until = null, wait_pool = null,
      finished_at = app_now(), touched_at = app_now()
    where t.status not in ('done', 'failed', 'cancelled') and ${which} returning t.id`)
  return cancelled.map((task) => task.id)
}
