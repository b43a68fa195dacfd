import type { Db, Queryable } from '../pool.ts'
import { type Sql, sql } from '../sql.ts'
import { nothingOpen, someFailed } from '../tables/ml-jobs/contents.ts'
import { countMisses } from '../tables/post-status.ts'
import { markAimedInVain } from './due-metrics.ts'

const noPageStored = sql`not exists (select from raw_pages p where p.sync_task_id = t.id and p.status = 'stored')`
/** A page, as `p`, that waits for a person, or was dropped by one. */
const wasNotRead = sql`p.status in ('parked', 'dropped')`
/** Whether the walk of a task, under that name, failed for good, or found no account. */
const hasFailed = (task: Sql) =>
  sql`(${task}.walk_outcome = 'failed' or coalesce(${task}.cursor ->> 'ended' = 'missing', false))`
/** Whether the walk of a task, under that name, found its account, and every answer of it could be read. */
const wasRead = (task: Sql) => sql`(${task}.mode <> 'refresh'
  and not ${hasFailed(task)} and ${task}.cursor ->> 'ended' is not null
  and not exists (select from raw_pages p where p.sync_task_id = ${task}.id and ${wasNotRead}))`

/**
 * Completion, the one form of it: moves tasks whose walk has ended and that have no page stored from transforming to
 * enriching, and to done when no ML job is open or planned either. Runs after the working transaction and never inside it, in a
 * transaction that first locks accounts and tasks, so that of two that finish the last pages the later one sees all.
 * Returns the tasks that became final and those that were made because someone had asked again.
 */
export async function finishTasks(
  db: Db,
  ids: readonly string[],
): Promise<{ finished: string[]; created: string[] }> {
  const unique = [...new Set(ids)]
  if (unique.length === 0) return { finished: [], created: [] }
  return db.transaction(async (tx) => {
    await holdTasks(tx, unique)
    const left = await leaveTransforming(tx, unique)
    await countUnseen(
      tx,
      left.flatMap((task) => (task.whole ? [task.id] : [])),
    )
    await markAimedInVain(
      tx,
      left.flatMap((task) => (task.refreshed ? [task.account_id] : [])),
    )
    const finished = await leaveEnriching(tx, unique)
    const failed = left.flatMap((task) => (task.status === 'failed' ? [task.id] : []))
    const created = await createAgain(
      tx,
      left.map((task) => task.id),
    )
    return { finished: [...failed, ...finished], created }
  })
}

/** Locks tasks against each other's movers, their accounts first, in the one order of all locks. */
export async function holdTasks(tx: Queryable, ids: readonly string[]): Promise<void> {
  await tx.rows(sql`
    select from accounts a where a.id in (select account_id from sync_tasks where id = any(${[...ids]}::bigint[]))
    order by a.id for no key update`)
  await tx.rows(
    sql`select from sync_tasks where id = any(${[...ids]}::bigint[]) order by id for no key update`,
  )
}

const notFound = 'the platform does not find this account'

/** An account, as `a`, that breaks again and again is asked about ever more rarely by the schedule, until it is read. */
const braked = (isBroken: Sql, isRead: Sql) => sql`
  failures = case when ${isBroken} then least(a.failures + 1, 100) when ${isRead} then 0 else a.failures end,
  next_sync_at = case when a.failures > 0 and ${isRead} then least(a.next_sync_at, app_now() + a.sync_every) else a.next_sync_at end`

/** A watermark that a wrong date raised into the future counts no more. */
const pastOnly = (time: Sql) => sql`case when ${time} <= app_now() + interval '1 day' then ${time} end`

/**
 * Only whole walks set the watermark: ended by the platform, unbroken, nothing parked, dropped or quarantined. A walk that
 * failed for good fails the task here, once none of its pages is left. A full walk that did not fail sets full_walk_at, whole or
 * not; a whole full walk resolves its quarantined records.
 */
async function leaveTransforming(tx: Queryable, ids: readonly string[]) {
  return tx.rows<{ id: string; account_id: string; status: string; whole: boolean; refreshed: boolean }>(sql`
    with left_behind as (
      update sync_tasks t set touched_at = app_now(),
        status = case when ${hasFailed(sql`t`)} then 'failed' else 'enriching' end,
        finished_at = case when ${hasFailed(sql`t`)} then app_now() end,
        last_error = case when t.cursor ->> 'ended' = 'missing' then ${notFound} else t.last_error end
      where t.id = any(${[...ids]}::bigint[]) and t.status = 'transforming' and ${noPageStored}
      returning t.id, t.status, t.account_id, t.newest_post_at, t.walk_ended_at, t.created_at, t.mode,
        t.mode = 'refresh' and not ${hasFailed(sql`t`)} and t.cursor ->> 'ended' is not null as refreshed,
        t.mode <> 'refresh' and (${hasFailed(sql`t`)} or exists (
          select from raw_pages p where p.sync_task_id = t.id and p.status = 'parked')) as broken,
        ${wasRead(sql`t`)} as read,
        t.walk_outcome = 'whole' and not exists (
          select from raw_pages p where p.sync_task_id = t.id and (${wasNotRead} or p.quarantined > 0)) as whole
    ), marked as (
      update accounts a set
        whole_walk_at = case when l.whole then l.walk_ended_at else a.whole_walk_at end,
        watermark = case when l.whole then greatest(l.newest_post_at, ${pastOnly(sql`a.watermark`)}) else a.watermark end,
        synced_at = case when l.read then greatest(a.synced_at, l.walk_ended_at) else a.synced_at end,
        full_walk_at = case when l.mode = 'full' and l.status <> 'failed' then l.walk_ended_at else a.full_walk_at end,
        ${braked(sql`l.broken`, sql`l.read`)}
      from left_behind l where a.id = l.account_id and (l.whole or l.read or l.broken or l.mode = 'full')
    ), resolved as (
      update quarantined_records q set resolved_at = app_now()
      from left_behind l where q.account_id = l.account_id and l.whole and l.mode = 'full'
        and q.resolved_at is null and q.created_at <= l.walk_ended_at
    ), mended as (
      delete from record_issues i using left_behind l
      where i.account_id = l.account_id and l.whole and l.mode = 'full' and i.last_at < l.created_at
    )
    select id, account_id, status, whole, refreshed from left_behind order by id`)
}

/**
 * Posts that whole walks did not see. What was seen stands in post_latest alone: every answer about a post, changed or
 * not, moves its observed_at.
 */
async function countUnseen(tx: Queryable, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await countMisses(
    tx,
    sql`
      select l.post_id, walk.ended as at, walk.since, walk.id as task_id
      from (
        select t.id, t.account_id, t.walk_ended_at as ended, (t.cursor ->> 'floor')::timestamptz as floor, (
          select min(p.fetched_at) from raw_pages p
          where p.sync_task_id = t.id and p.walk = (t.cursor ->> 'walk')::int) as since
        from sync_tasks t where t.id = any(${[...ids]}::bigint[]) and (t.cursor ->> 'page_no')::int > 0
      ) walk
      join posts p on p.account_id = walk.account_id and p.status in ('present', 'missing')
        and (walk.floor is null or p.published_at >= walk.floor)
      join post_latest l on l.post_id = p.id and l.observed_at < walk.since`,
  )
}

async function leaveEnriching(tx: Queryable, ids: readonly string[]): Promise<string[]> {
  const done = await tx.rows<{ id: string }>(sql`
    with ended as (
      update sync_tasks t set finished_at = app_now(), touched_at = app_now(),
        status = case when ${hasFailed(sql`t`)} then 'failed' else 'done' end,
        reason = case when exists (select from raw_pages p where p.sync_task_id = t.id and ${wasNotRead})
            or ${someFailed}
          then 'incomplete' end
      where t.id = any(${[...ids]}::bigint[]) and t.status = 'enriching' and ${noPageStored} and ${nothingOpen}
      returning t.id, t.account_id, t.walk_ended_at, ${wasRead(sql`t`)} as read
    ), marked as (
      -- What had been parked may have been read since.
      update accounts a set synced_at = greatest(a.synced_at, e.walk_ended_at), ${braked(sql`false`, sql`true`)}
      from ended e where a.id = e.account_id and e.read
        and (a.synced_at is null or a.synced_at < e.walk_ended_at or a.failures > 0)
    )
    select id from ended order by id`)
  return done.map((task) => task.id)
}

/** Makes the next task of accounts that were asked for again, and moves the waiting requests to it. */
export async function createAgain(tx: Queryable, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const created = await tx.rows<{ id: string }>(sql`
    with next as (
      insert into sync_tasks (account_id, platform, lane, mode)
      select account_id, platform, lane, coalesce(again_mode, 'incremental') from sync_tasks
      where id = any(${[...ids]}::bigint[]) and again order by id
      on conflict do nothing returning id, account_id
    ), moved as (
      update sync_job_tasks jt set sync_task_id = next.id, again = false
      from next join sync_tasks t on t.account_id = next.account_id
      where jt.sync_task_id = t.id and t.id = any(${[...ids]}::bigint[]) and jt.again
    ), cleared as (
      update sync_tasks set again = false, again_mode = null where id = any(${[...ids]}::bigint[]) and again
    )
    select id from next`)
  return created.map((task) => task.id)
}

/** Open tasks, as `t`, that completion would move on. */
export const finishable = sql`
  t.status in ('transforming', 'enriching') and ${noPageStored} and (t.status = 'transforming' or ${nothingOpen})`

/** Of those, those of an invocation that died before: not touched for two ticks. */
export const forgottenTasks = sql`
  select t.id from sync_tasks t where ${finishable} and t.touched_at < app_now() - interval '2 minutes'`
