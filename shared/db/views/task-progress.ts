import type { Platform } from '../../model/account.ts'
import type { Lane } from '../../model/sync.ts'
import type { Queryable } from '../pool.ts'
import { type Sql, sql } from '../sql.ts'

/** What a task needs next: to be read, its pages to be transformed, its ML jobs to be over, or nothing any more. */
export type TaskStage = 'extract' | 'transform' | 'enrich' | 'ended'

/** The stage of a task, as `t`. @param hasPages whether pages of it are not transformed */
const stageOf = (hasPages: Sql) => sql`
  case when t.status in ('done', 'failed', 'cancelled') then 'ended'
    when t.status in ('queued', 'waiting', 'extracting') then 'extract'
    when t.status = 'transforming' or ${hasPages} then 'transform'
    else 'enrich' end as stage`

/** Where a task stands, for a driver that follows it. */
export interface TaskProgress {
  readonly id: string
  readonly stage: TaskStage
  readonly status: string
  /** Why it waits, or what its end lacks. */
  readonly reason: string | null
  readonly has_profile: boolean
  /** A claim reads it now. */
  readonly is_leased: boolean
  /** Pages that are not transformed yet. */
  readonly pages: number
  /** ML jobs that it waits for are not counted: this is when it may be taken up, by the clock of the database. 0: now. */
  readonly after_ms: number
}

/** Where these tasks stand; a task that is gone with its account is left out. */
export const progressOf = (db: Queryable, ids: readonly string[]) =>
  db.rows<TaskProgress>(sql`
    select t.id, t.status, t.reason, coalesce((t.cursor ->> 'profile')::boolean, false) as has_profile,
      t.status = 'extracting' as is_leased, stored.pages,
      ${stageOf(sql`stored.pages > 0`)},
      coalesce(greatest(0, 1000 * extract(epoch from
        case when t.status in ('queued', 'waiting', 'extracting') then coalesce(t.lease_until, t.run_at) else stored.due_at end
        - app_now())), 0)::float8 as after_ms
    from sync_tasks t left join lateral (
      select count(*)::int as pages, min(p.retry_at) as due_at from raw_pages p
      where p.sync_task_id = t.id and p.status = 'stored') stored on true
    where t.id = any(${[...ids]}::bigint[])`)

/** A task, and whose it is; numbers, which say nothing of an account that was erased. */
export interface TaskName {
  readonly id: string
  readonly platform: Platform
  readonly account_id: string
}

/** A task as a driver starts it. */
export interface TaskRef extends TaskName {
  readonly stage: Exclude<TaskStage, 'ended'>
  readonly lane: Lane
  /** Name of the client that the account is followed for. null: for none. */
  readonly client: string | null
  /** Of the sync; null: its trace has not begun. */
  readonly traceparent: string | null
}

const ref = sql`
  t.id, t.platform, t.account_id, t.lane, t.traceparent,
  (select c.name from accounts a join clients c on c.id = a.client_id where a.id = t.account_id) as client,
  ${stageOf(sql`exists (select from raw_pages p where p.sync_task_id = t.id and p.status = 'stored')`)}
  from sync_tasks t`

/** Tasks of a platform that are due to be read and that no claim holds; those that people wait for first. */
export const dueTasks = (db: Queryable, platform: Platform, limit: number) =>
  db.rows<TaskRef>(sql`
    select ${ref} where t.platform = ${platform} and t.status in ('queued', 'waiting', 'extracting')
      and coalesce(t.lease_until, t.run_at) <= app_now()
    order by t.lane, coalesce(t.lease_until, t.run_at) limit ${limit}`)

/** The ids of all open tasks. Read from partial indexes, which hold no others. */
export async function openTaskIds(db: Queryable): Promise<string[]> {
  const open = await db.rows<{ id: string }>(sql`
    select id from sync_tasks where status in ('queued', 'waiting', 'extracting')
    union all select id from sync_tasks where status in ('transforming', 'enriching')`)
  return open.map(({ id }) => id)
}

/** Open tasks of these requests on a platform. */
export const tasksOfSyncs = (db: Queryable, platform: Platform, syncIds: readonly string[]) =>
  db.rows<TaskRef>(sql`
    select ${ref} where t.platform = ${platform} and t.status not in ('done', 'failed', 'cancelled')
      and t.id in (select sync_task_id from sync_job_tasks where sync_job_id = any(${[...syncIds]}::bigint[]))
    order by t.id`)

/** Those of these tasks that are open. */
export const tasksById = (db: Queryable, ids: readonly string[]) =>
  db.rows<TaskRef>(sql`
    select ${ref} where t.id = any(${[...ids]}::bigint[]) and t.status not in ('done', 'failed', 'cancelled') order by t.id`)
