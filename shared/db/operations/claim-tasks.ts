import type { AccessMode, Platform, Subject } from '../../model/account.ts'
import { Cursor, firstCursor, type Lane, type TaskMode } from '../../model/sync.ts'
import type { Queryable } from '../pool.ts'
import { type Sql, sql } from '../sql.ts'
import { failWalks } from '../tables/sync-tasks.ts'

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

/** Whether an ad-hoc sync is waiting. */
export async function isUrgentDue(db: Queryable, platform: Platform): Promise<boolean> {
  const found = await db.rows(sql`select from sync_tasks where ${due(platform, 'ad-hoc')} limit 1`)
  return found.length > 0
}

/** Which tasks are claimed: those of ad-hoc syncs, or all others. */
export type Urgency = 'urgent' | 'others'

/**
 * Leases due tasks of a platform: queued, waited long enough, or left behind by an invocation that died. Those of ad-hoc
 * syncs are claimed apart from the others, of which backfill takes at most half while scheduled ones wait.
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

/** A task as it stands, for a caller that could not claim it. */
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
