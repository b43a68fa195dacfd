import type { AccessMode, Platform, Subject } from '../model/account.ts'
import { Cursor, firstCursor, type Lane, type TaskMode, type WalkOutcome } from '../model/sync.ts'
import type { Queryable } from './pool.ts'
import { rowsParam, type Sql, sql } from './sql.ts'

/** A task taken by one invocation until its lease ends; every write names the token. */
export interface ClaimedTask extends Omit<Subject, 'token'> {
  readonly id: string
  readonly account_id: string
  readonly platform: Platform
  readonly access_mode: AccessMode
  readonly lease_token: string
  readonly lane: Lane
  readonly mode: TaskMode
  readonly attempts: number
  readonly watermark: Date | null
  readonly traceparent: string | null
  /** Its account was seen before. */
  readonly is_known: boolean
  /** Its account was refused of late: a good answer heals it. */
  readonly is_refused: boolean
  readonly cursor: Cursor
}

type ClaimedRow = Omit<ClaimedTask, 'cursor'> & { readonly cursor: string | null }

const isClaimable = sql`status in ('queued', 'waiting', 'extracting')`
const isDue = sql`${isClaimable} and coalesce(lease_until, run_at) <= app_now()`
const due = (platform: Platform, lane: Lane) => sql`
  platform = ${platform} and lane = ${lane}::lane and ${isDue}
  order by coalesce(lease_until, run_at)`

/** Whether somebody waits for a sync asked for just now. */
export async function isUrgentDue(db: Queryable, platform: Platform): Promise<boolean> {
  const found = await db.rows(sql`select from sync_tasks where ${due(platform, 'ad-hoc')} limit 1`)
  return found.length > 0
}

/** Which tasks are taken: those that somebody waits for, or all others. */
export type Urgency = 'urgent' | 'others'

/**
 * Leases due tasks of a platform: queued, waited long enough, or left behind by an invocation that died. Those that somebody
 * waits for are taken apart from the others, of which backfill takes at most half while scheduled ones wait.
 */
export function claimDueTasks(
  db: Queryable,
  platform: Platform,
  urgency: Urgency,
  limit: number,
  leaseS: number,
): Promise<ClaimedTask[]> {
  const asked = urgency === 'urgent' ? limit : 0
  const rest = limit - asked
  return lease(
    db,
    sql`
    others as (
      select exists (select from sync_tasks where ${due(platform, 'schedule')}) as wait
    ), history as (
      select id from sync_tasks where ${due(platform, 'backfill')}
      limit (select case when wait then ${rest}::int / 2 else ${rest}::int end from others) for no key update skip locked
    ), asked as (
      select id from sync_tasks where ${due(platform, 'ad-hoc')} limit ${asked} for no key update skip locked
    ), planned as (
      select id from sync_tasks where ${due(platform, 'schedule')}
      limit (select ${rest}::int - count(*) from history) for no key update skip locked
    ), taken as (
      select id from history union all select id from asked union all select id from planned
    )`,
    leaseS,
  )
}

/** Leases these tasks of a platform, as far as they are due and held by no one else. */
export function claimTasksById(
  db: Queryable,
  platform: Platform,
  ids: readonly string[],
  leaseS: number,
): Promise<ClaimedTask[]> {
  return lease(
    db,
    sql`
    taken as (
      select id from sync_tasks where id = any(${[...ids]}::bigint[]) and platform = ${platform} and ${isDue}
      order by id for no key update skip locked
    )`,
    leaseS,
  )
}

/** A task as it stands, for whoever could not claim it. */
export interface TaskStanding {
  readonly id: string
  readonly status: string
  /** When it may be claimed. null: never, it has ended its walk. */
  readonly due_at: Date | null
}

export const standingOf = (db: Queryable, ids: readonly string[]) =>
  db.rows<TaskStanding>(sql`
    select id, status, case when ${isClaimable} then coalesce(lease_until, run_at) end as due_at
    from sync_tasks where id = any(${[...ids]}::bigint[]) order by id`)

/** @param taken common table expressions, the last of them `taken(id)` */
async function lease(db: Queryable, taken: Sql, leaseS: number): Promise<ClaimedTask[]> {
  const rows = await db.rows<ClaimedRow>(sql`
    with ${taken}
    update sync_tasks t set status = 'extracting', lease_token = t.lease_token + 1, attempts = t.attempts + 1,
      lease_until = app_now() + ${leaseS} * interval '1 second', reason = null, wait_pool = null, touched_at = app_now()
    from taken, accounts a
    where t.id = taken.id and a.id = t.account_id
    returning t.id, t.account_id, t.platform, t.lease_token, t.lane, t.mode, t.attempts, t.traceparent, t.cursor,
      a.handle, a.native_id, a.access_mode, a.watermark, app_now() as claimed_at,
      a.status <> 'active' or exists (select from refusals f where f.account_id = a.id) as is_refused,
      exists (select from profiles p where p.account_id = a.id) as is_known`)
  const read = rows.map((row) => ({
    row,
    cursor: row.cursor === null ? firstCursor : readCursor(row.cursor),
  }))
  const unreadable = read.flatMap(({ row, cursor }) => (cursor ? [] : [row]))
  await failWalks(db, unreadable, 'its cursor cannot be read; ask for a full sync')
  return read
    .flatMap(({ row, cursor }) => (cursor ? [{ ...row, cursor }] : []))
    .sort((a, b) => Number(a.id) - Number(b.id))
}

/** undefined: written by another release in a form that is not known here. */
const readCursor = (text: string) => Cursor.safeParse(JSON.parse(text)).data

export interface Advance {
  readonly id: string
  readonly lease_token: string
  readonly cursor: Cursor
  /** How the walk ended; null: it goes on. */
  readonly outcome: WalkOutcome | null
  /** Kept as the trace of the sync when it has none yet. */
  readonly traceparent: string | null
}

/**
 * Moves the cursors of leased tasks and extends their leases, in id order. Returns the ids still ours: a task whose
 * lease went to another invocation is left out, and nothing may be kept for it.
 */
export async function advanceTasks(
  tx: Queryable,
  advances: readonly Advance[],
  leaseS: number,
): Promise<Set<string>> {
  const rows = advances.map((advance) => ({ ...advance, newest: advance.cursor.newest }))
  const ours = await tx.rows<{ id: string }>(sql`
    with r as (
      select * from json_to_recordset(${rowsParam(rows)}::json)
        as r(id bigint, lease_token bigint, cursor jsonb, outcome text, newest timestamptz, traceparent text)
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

const held = (tasks: readonly Leased[]) => sql`
  held as (
    select t.id from sync_tasks t
    join json_to_recordset(${rowsParam(tasks)}::json) as r(id bigint, lease_token bigint)
      on r.id = t.id and r.lease_token = t.lease_token
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

/** Gives tasks back when time runs out: cursor kept, the claim not counted, so that the next tick goes on. */
export async function releaseTasks(db: Queryable, tasks: readonly Leased[]): Promise<void> {
  if (tasks.length === 0) return
  await db.rows(sql`
    with ${held(tasks)}
    update sync_tasks t set status = 'queued', lease_token = t.lease_token + 1, lease_until = null, run_at = app_now(),
      attempts = greatest(t.attempts - 1, 0), touched_at = app_now()
    from held where t.id = held.id`)
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

/** Ends walks that can never go on; the tasks become failed when none of their pages is left to transform. Returns those still ours. */
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
