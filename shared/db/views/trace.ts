import type { Platform } from '../../model/account.ts'
import type { Queryable } from '../pool.ts'
import { isJobReached, type Reach, reaches } from '../reach.ts'
import { sql } from '../sql.ts'
import { hasFailed, isOpen } from '../tables/ml-jobs/contents.ts'

/** What happened within a sync of one account. */
interface Step {
  readonly step: 'walk' | 'page' | 'ml'
  readonly at: Date
  /** null: it goes on. */
  readonly until: Date | null
  /** Endpoint of a page, or kind and provider of jobs. */
  readonly what: string
  readonly count: number
  /** How they stand: an outcome and how many. */
  readonly outcomes: Readonly<Record<string, number>>
}

export interface TaskTrace {
  readonly id: string
  readonly account_id: string
  readonly account: string
  readonly platform: Platform
  readonly status: string
  readonly traceparent: string | null
  readonly created_at: Date
  readonly finished_at: Date | null
  readonly steps: readonly Step[]
}

type TaskRow = Omit<TaskTrace, 'steps'> & { readonly again: boolean }
type StepRow = Omit<Step, 'outcomes'> & { readonly task_id: string; readonly outcomes: string }

/** The first accounts of a request, and in each what happened when: pages by endpoint, jobs by kind and provider. undefined: no such request. */
export async function traceOf(
  db: Queryable,
  jobId: string,
  reach: Reach,
): Promise<{ readonly now: Date; readonly tasks: TaskTrace[] } | undefined> {
  const [job] = await db.rows<{ now: Date }>(
    sql`select app_now() as now from sync_jobs j where id = ${jobId} and ${isJobReached(reach, sql`j.id`)}`,
  )
  if (!job) return undefined
  const tasks = await db.rows<TaskRow>(sql`
    select t.id, t.account_id, coalesce('@' || a.handle, a.native_id) as account, t.platform, t.status,
      -- What goes on belongs to an earlier request, after which this one begins.
      case when not jt.again then t.traceparent end as traceparent, jt.again,
      t.created_at, t.finished_at
    from sync_job_tasks jt join sync_tasks t on t.id = jt.sync_task_id join accounts a on a.id = t.account_id
    where jt.sync_job_id = ${jobId} and ${reaches(reach, sql`t.account_id`)} order by t.id limit 20`)
  const ids = tasks.flatMap(({ id, again }) => (again ? [] : [id]))
  const steps = await db.rows<StepRow>(sql`
    select t.id as task_id, 'walk' as step, min(p.fetched_at) as at, t.walk_ended_at as until, 'the list of posts' as what,
      count(*)::int as count, '{}' as outcomes
    from sync_tasks t join raw_pages p on p.sync_task_id = t.id where t.id = any(${ids}::bigint[]) group by t.id
    union all
    select sync_task_id, 'page', min(at), case when count(*) = count(until) then max(until) end, endpoint, sum(n)::int,
      json_object_agg(status, n)::text
    from (
      select sync_task_id, endpoint, status, min(fetched_at) as at, max(settled_at) as until, count(*) as n from raw_pages
      where sync_task_id = any(${ids}::bigint[]) group by 1, 2, 3
    ) pages group by sync_task_id, endpoint
    union all
    select sync_task_id, 'ml', min(at), case when bool_and(until is not null) then max(until) end, kind || ' by ' || provider, sum(n)::int,
      json_object_agg(outcome, n)::text
    from (
      select j.sync_task_id, j.kind, j.provider, case when ${isOpen} then 'open' when ${hasFailed} then 'failed' else 'done' end as outcome,
        min(j.created_at) as at, case when bool_or(${isOpen}) then null else max(j.finished_at) end as until, count(*) as n
      from ml_jobs j where j.sync_task_id = any(${ids}::bigint[]) group by 1, 2, 3, 4
    ) jobs group by sync_task_id, kind, provider
    order by 3, 2`)
  const traced = tasks.map(({ again: _, ...task }) => ({
    ...task,
    steps: steps
      .filter(({ task_id }) => task_id === task.id)
      .map(({ task_id: _, outcomes, ...step }) => ({ ...step, outcomes: JSON.parse(outcomes) })),
  }))
  return { now: job.now, tasks: traced }
}
