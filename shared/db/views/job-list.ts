import type { SyncMode, TaskMode } from '../../model/sync.ts'
import type { Queryable } from '../pool.ts'
import { isJobReached, type Reach, reaches } from '../reach.ts'
import { sql } from '../sql.ts'
import { statusOf, type TaskReport } from './job-report.ts'

export interface JobLine {
  readonly id: string
  readonly origin: 'schedule' | 'http' | 'backfill'
  readonly mode: TaskMode
  readonly created_at: Date
  readonly tasks: number
  /** Handles of up to three of its accounts. */
  readonly accounts: readonly string[]
  readonly states: readonly Pick<TaskReport, 'status' | 'reason' | 'again'>[]
}

/** Requests before this one that have accounts within reach, with these alone, the newest first, and one more than asked for, which shows whether there are others. */
export async function listJobs(
  db: Queryable,
  {
    origin,
    after,
    limit,
    reach,
  }: {
    readonly origin?: string | undefined
    readonly after?: string | undefined
    readonly limit: number
    readonly reach: Reach
  },
): Promise<JobLine[]> {
  const rows = await db.rows<Omit<JobLine, 'states'> & { states: string }>(sql`
    with jobs as (
      select id, origin, mode, created_at from sync_jobs
      where (${after ?? null}::bigint is null or id < ${after ?? null}::bigint)
        and (${origin ?? null}::text is null or origin = ${origin ?? null}) and ${isJobReached(reach, sql`sync_jobs.id`)}
      order by id desc limit ${limit + 1}
    )
    select j.*, t.tasks, t.accounts, t.states from jobs j cross join lateral (
      select count(*)::int as tasks,
        coalesce((array_agg(coalesce(a.handle, a.native_id) order by s.id) filter (where a.status <> 'erased'))[1:3], '{}') as accounts,
        coalesce(json_agg(distinct jsonb_build_object('status', ${statusOf(sql`s`)}, 'reason', s.reason, 'again', jt.again))
          filter (where s.id is not null), '[]') as states
      from sync_job_tasks jt join sync_tasks s on s.id = jt.sync_task_id join accounts a on a.id = s.account_id
      where jt.sync_job_id = j.id and ${reaches(reach, sql`s.account_id`)}
    ) t
    order by j.id desc`)
  return rows.map((row) => ({ ...row, states: JSON.parse(row.states) }))
}

/** What failed of a request or was cancelled. */
export interface EndedInVain {
  readonly origin: JobLine['origin']
  /** full: one of them was to be walked over every post. */
  readonly mode: SyncMode
  /** By their numbers. */
  readonly accounts: readonly string[]
}

/** Accounts of a request whose tasks failed or were cancelled, in order of their numbers. undefined: no such request. */
export async function endedInVain(
  db: Queryable,
  jobId: string,
  reach: Reach,
): Promise<EndedInVain | undefined> {
  const [job] = await db.rows<Pick<JobLine, 'origin'>>(
    sql`select origin from sync_jobs where id = ${jobId} and ${isJobReached(reach, sql`sync_jobs.id`)}`,
  )
  if (!job) return undefined
  const accounts = await db.rows<{ id: string; is_full: boolean }>(sql`
    select t.account_id as id, bool_or(case when jt.cancelled then j.mode else t.mode end = 'full') as is_full
    from sync_jobs j join sync_job_tasks jt on jt.sync_job_id = j.id
    join sync_tasks t on t.id = jt.sync_task_id
    where j.id = ${jobId} and ${statusOf(sql`t`)} in ('failed', 'cancelled') and ${reaches(reach, sql`t.account_id`)} group by 1 order by 1`)
  const mode = accounts.some(({ is_full }) => is_full) ? 'full' : 'incremental'
  return { ...job, mode, accounts: accounts.map(({ id }) => id) }
}
