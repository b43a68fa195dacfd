import { finishable } from '#shared/db/operations/finish-tasks.ts'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { isOpen, isToSend } from '#shared/db/tables/ml-jobs/contents.ts'
import { quotaStandings } from '#shared/db/views/quota.ts'
import type { Platform } from '#shared/model/account.ts'

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

/** Where a run stands that has not begun. */
export const nothing: Standing = {
  accounts: 0,
  posts: 0,
  post_metrics: 0,
  profile_metrics: 0,
  annotations: 0,
  quarantined: 0,
  ml_jobs: { done: 0, failed: 0, expired: 0, open: 0 },
  parked: 0,
  tasks: {},
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
        'open', count(*) filter (where ${isOpen}) + (select coalesce(sum(contents), 0) from ml_plans)) from ml_jobs j),
      'parked', (select count(*) from raw_pages where status = 'parked') + (select count(*) from ml_jobs where parked),
      'tasks', (select coalesce(json_object_agg(status, count), '{}') from (
        select status, count(*) from sync_tasks group by status order by status) by_status)
    ) as standing`)
  return JSON.parse(row?.standing ?? '{}')
}

/** One window of a quota pool, as it stands. */
export interface Window {
  readonly pool: string
  readonly limit: number
  readonly left: number
  /** null: the pool is open. */
  readonly blockedUntil: Date | null
}

/** More of where everything stands, for the live view. */
export interface Detail {
  readonly standing: Standing
  readonly pages: { readonly stored: number; readonly transformed: number }
  readonly ml: { readonly planned: number; readonly submitted: number }
  readonly quota: readonly Window[]
  readonly waiting: readonly { readonly reason: string; readonly count: number; readonly until: Date }[]
}

export async function readDetail(db: Db): Promise<Detail> {
  const [counts] = await db.rows<{
    stored: number
    transformed: number
    planned: number
    submitted: number
  }>(sql`
    select
      (select count(*)::int from raw_pages where status = 'stored') as stored,
      (select count(*)::int from raw_pages where status = 'transformed') as transformed,
      ((select count(*) from ml_jobs where ${isToSend}) + (select coalesce(sum(contents), 0) from ml_plans))::int as planned,
      (select count(*)::int from ml_jobs where status = 'submitted') as submitted`)
  const quota = await quotaStandings(db, sql`(pool like '%.day' or pool like '%.app.hour')`)
  const waiting = await db.rows<Detail['waiting'][number]>(sql`
    select coalesce(reason, 'retry') as reason, count(*)::int as count, min(run_at) as until
    from sync_tasks where status = 'waiting' group by 1 order by 2 desc limit 3`)
  const { stored = 0, transformed = 0, planned = 0, submitted = 0 } = counts ?? {}
  return {
    standing: await readStanding(db),
    pages: { stored, transformed },
    ml: { planned, submitted },
    quota: quota.map(({ pool, used, limit, blocked_until: blockedUntil }) => ({
      ...{ pool, limit, blockedUntil },
      left: limit - used,
    })),
    waiting,
  }
}

/** When work falls due, by the function whose timer or ring takes it up; null: nothing is to come. */
interface Due {
  readonly extract: { readonly at: Date; readonly platform: Platform } | null
  readonly poll: Date | null
}

/** When the next retry, quota opening, ML submit or ML ask is due; scheduled syncs are not included. */
export async function readDue(db: Db): Promise<Due> {
  const [due] = await db.rows<{ poll: Date | null; at: Date | null; platform: Platform | null }>(sql`
    select task.at, task.platform, least(
      (select min(created_at) from ml_plans),
      (select min(next_at) from ml_jobs where ${isToSend}),
      (select min(next_at) from ml_jobs where status = 'submitted'),
      (select min(retry_at + case when attempts = 0 then interval '2 minutes' else interval '0' end)
        from raw_pages where status = 'stored'),
      (select min(t.touched_at) + interval '2 minutes' from sync_tasks t where ${finishable})) as poll
    from (select) as one left join (
      select coalesce(lease_until, run_at) as at, platform from sync_tasks
      where status in ('queued', 'waiting', 'extracting') order by 1 limit 1) as task on true`)
  const extract = due?.at && due.platform ? { at: due.at, platform: due.platform } : null
  return { extract, poll: due?.poll ?? null }
}
