import { finishable } from '#shared/db/finish-tasks.ts'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import type { FunctionName } from '#shared/runtime/config.ts'

/** Where everything stands, for progress and for the end of a run. */
export interface Standing {
  readonly accounts: number
  readonly posts: number
  readonly post_metrics: number
  readonly profile_metrics: number
  readonly annotations: number
  readonly quarantined: number
  readonly ml_jobs: {
    readonly done: number
    readonly failed: number
    readonly expired: number
    readonly open: number
  }
  readonly parked: number
  readonly tasks: Readonly<Record<string, number>>
}

/** Counts rows; `parked` is pages and ML jobs that wait for a person. */
export async function readStanding(db: Db): Promise<Standing> {
  const [row] = await db.rows<{ standing: string }>(sql`
    select json_build_object(
      'accounts', (select count(*) from accounts where status <> 'erased'),
      'posts', (select count(*) from posts),
      'post_metrics', (select count(*) from post_metrics),
      'profile_metrics', (select count(*) from profile_metrics),
      'annotations', (select count(*) from annotations),
      'quarantined', (select count(*) from quarantined_records where resolved_at is null),
      'ml_jobs', (select json_build_object(
        'done', count(*) filter (where status = 'done'),
        'failed', count(*) filter (where status in ('failed', 'cancelled')),
        'expired', count(*) filter (where status = 'expired'),
        'open', count(*) filter (where status in ('planned', 'submitting', 'submitted'))) from ml_jobs),
      'parked', (select count(*) from raw_pages where status = 'parked') + (select count(*) from ml_jobs where parked),
      'tasks', (select coalesce(json_object_agg(status, count), '{}') from (
        select status, count(*) from sync_tasks group by status order by status) by_status)
    ) as standing`)
  return JSON.parse(row?.standing ?? '{}')
}

/** When work falls due, by the function whose timer or ring takes it up; null: nothing is to come. */
export interface Due {
  readonly extract: Date | null
  readonly poll: Date | null
}

/** The next due times of retries, quota openings, ML asks and deadlines; scheduled syncs are not among them. */
export async function readDue(db: Db): Promise<Due> {
  const [due] = await db.rows<Due>(sql`
    select
      (select min(coalesce(lease_until, run_at)) from sync_tasks
        where status in ('queued', 'waiting', 'extracting')) as extract,
      least(
        (select min(due_at) from ml_jobs where status in ('planned', 'submitting')),
        (select min(due_at) from ml_jobs where status = 'submitted'),
        (select min(retry_at) + interval '2 minutes' from raw_pages where status = 'stored'),
        (select min(t.touched_at) + interval '2 minutes' from sync_tasks t where ${finishable})) as poll`)
  return due ?? { extract: null, poll: null }
}

/** Functions that take work up, and the work of each. */
export const takers: readonly { readonly due: keyof Due; readonly name: FunctionName }[] = [
  { due: 'extract', name: 'extract-youtube' },
  { due: 'poll', name: 'poll' },
]
