import type { Platform } from '../../model/account.ts'
import type { TaskMode } from '../../model/sync.ts'
import type { Queryable } from '../pool.ts'
import { isJobReached, type Reach, reaches } from '../reach.ts'
import { type Sql, sql } from '../sql.ts'
import { hasFailed, isOpen, jobsOfTask } from '../tables/ml-jobs/contents.ts'

export interface TaskReport {
  readonly id: string
  readonly account_id: string
  readonly platform: Platform
  readonly handle: string | null
  readonly native_id: string | null
  /** Of the account, as it is now. */
  readonly account_status: string
  readonly status: string
  readonly reason: string | null
  readonly again: boolean
  readonly run_at: Date
  readonly last_error: string | null
  readonly traceparent: string | null
  readonly pages_stored: number
  readonly pages_transformed: number
  readonly pages_parked: number
  readonly pages_dropped: number
  readonly records: number
  readonly quarantined: number
  /** Records older than what is on record. */
  readonly stale: number
  readonly ml_open: number
  readonly ml_done: number
  readonly ml_failed: number
  readonly ml_next_at: Date | null
  /** The platform did not find the account. */
  readonly is_not_found: boolean
  /** Why records were refused, and ML jobs failed for good: how many of each cause. */
  readonly refused: Readonly<Record<string, number>>
  readonly ml_causes: Readonly<Record<string, number>>
}

type TaskRow = Omit<TaskReport, 'refused' | 'ml_causes'> & {
  readonly refused: string
  readonly ml_causes: string
}

/** The status of a task, by its alias, for the request linked by `jt`: cancelled if the request was. */
export const statusOf = (task: Sql) => sql`case when jt.cancelled then 'cancelled' else ${task}.status end`

const isWhole = (reach: Reach) =>
  reach === null
    ? sql`true`
    : sql`not exists (select from sync_job_tasks o join sync_tasks s on s.id = o.sync_task_id
        where o.sync_job_id = j.id and not ${reaches(reach, sql`s.account_id`)})`

/**
 * Where a request stands, as far as its accounts are within reach: every state its tasks are in, and what each of the first hundred
 * waits for.
 */
export async function reportOfJob(db: Queryable, jobId: string, reach: Reach) {
  const [job] = await db.rows<{
    id: string
    origin: 'schedule' | 'http' | 'backfill'
    mode: TaskMode
    created_at: Date
    /** When the last of its tasks ended. null: one has not, or it was cancelled before. */
    finished_at: Date | null
    /** Whether all its accounts are within reach. */
    is_whole: boolean
    now: Date
  }>(sql`
    select id, origin, mode, created_at, app_now() as now, ${isWhole(reach)} as is_whole, (
      select case when count(*) = count(t.finished_at) then max(t.finished_at) end
      from sync_job_tasks jt join sync_tasks t on t.id = jt.sync_task_id where jt.sync_job_id = j.id and not jt.cancelled
        and ${reaches(reach, sql`t.account_id`)}
    ) as finished_at
    from sync_jobs j where id = ${jobId} and ${isJobReached(reach, sql`j.id`)}`)
  if (!job) return undefined
  const states = await db.rows<Pick<TaskReport, 'status' | 'reason' | 'again'> & { count: number }>(sql`
    select count(*)::int as count, ${statusOf(sql`t`)} as status, t.reason, jt.again from sync_job_tasks jt join sync_tasks t on t.id = jt.sync_task_id
    where jt.sync_job_id = ${jobId} and ${reaches(reach, sql`t.account_id`)} group by 2, 3, 4`)
  const rows = await db.rows<TaskRow>(sql`
    select t.id, t.account_id, t.platform, a.handle, a.native_id, a.status as account_status, ${statusOf(sql`t`)} as status, t.reason, jt.again,
      t.run_at, t.last_error, t.traceparent, coalesce(t.cursor ->> 'ended' = 'missing', false) as is_not_found, p.*, m.*, q.*
    from sync_job_tasks jt
    join sync_tasks t on t.id = jt.sync_task_id
    join accounts a on a.id = t.account_id
    cross join lateral (
      select count(*) filter (where status = 'stored')::int as pages_stored,
        count(*) filter (where status = 'transformed')::int as pages_transformed,
        count(*) filter (where status = 'parked')::int as pages_parked,
        count(*) filter (where status = 'dropped')::int as pages_dropped,
        coalesce(sum(normalised + unchanged), 0)::int as records,
        coalesce(sum(quarantined), 0)::int as quarantined, coalesce(sum(stale), 0)::int as stale
      from raw_pages where sync_task_id = t.id
    ) p
    cross join lateral (
      select (coalesce(sum(open), 0) + (select coalesce(sum(l.contents), 0) from ml_plans l where l.sync_task_id = t.id))::int as ml_open,
        coalesce(sum(done), 0)::int as ml_done,
        coalesce(sum(failed), 0)::int as ml_failed, min(next_at) as ml_next_at,
        coalesce(json_object_agg(coalesce(code, 'failed'), failed) filter (where failed > 0), '{}') as ml_causes
      from (
        select j.error ->> 'code' as code, min(j.next_at) filter (where j.status = 'submitted') as next_at,
          count(*) filter (where ${isOpen}) as open,
          count(*) filter (where j.status = 'done') as done,
          count(*) filter (where ${hasFailed}) as failed
        from ml_jobs j where j.id in (${jobsOfTask(sql`t.id`)}) group by 1
      ) codes
    ) m
    cross join lateral (
      select coalesce(json_object_agg(cause, count), '{}') as refused from (
        select r.cause, count(*) as count from raw_pages p join quarantined_records r on r.raw_page_id = p.id
        where p.sync_task_id = t.id and p.quarantined > 0 group by 1) causes
    ) q
    where jt.sync_job_id = ${jobId} and ${reaches(reach, sql`t.account_id`)}
    order by t.id limit 100`)
  const tasks = rows.map((row): TaskReport => {
    const { refused, ml_causes } = row
    return { ...row, refused: JSON.parse(refused), ml_causes: JSON.parse(ml_causes) }
  })
  return { job, states, tasks }
}
