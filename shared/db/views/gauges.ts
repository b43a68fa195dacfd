import type { Queryable } from '../pool.ts'
import { isReached, type Reach, reaches } from '../reach.ts'
import { sql } from '../sql.ts'
import { isOpen } from '../tables/ml-jobs/contents.ts'
import { freshness, isAsked } from './freshness.ts'

/** How things stand, for metrics: each line a value and what it is of. */
export interface Gauges {
  readonly accounts: readonly {
    readonly platform: string
    readonly state: 'fresh' | 'late' | 'stopped'
    /** Its name. null: for no client. */
    readonly client: string | null
    readonly count: number
  }[]
  /** The stalest accounts: time since their posts were walked over the interval asked for. */
  readonly stalest: readonly {
    readonly platform: string
    readonly id: string
    readonly name: string
    readonly client: string | null
    readonly ratio: number
  }[]
  readonly tasks: readonly { readonly state: string; readonly count: number }[]
  /** Why tasks wait. */
  readonly waiting: readonly { readonly reason: string; readonly count: number }[]
  /** What is due and not begun, by the step that takes it. */
  readonly backlog: readonly { readonly step: 'extract' | 'transform'; readonly count: number }[]
  /** What the jobs cost that ML providers took today (UTC), where a price is set. */
  readonly spent: readonly { readonly provider: string; readonly usd: number }[]
  readonly quota: readonly { readonly pool: string; readonly share: number }[]
  readonly jobs: readonly { readonly state: string; readonly count: number; readonly oldest_s: number }[]
  readonly parked: { readonly page: number; readonly ml_job: number; readonly held_deletion: number }
  /** Access modes in which the app itself is refused. */
  readonly faults: readonly { readonly platform: string; readonly count: number }[]
  /** Records of answers that validation refused. */
  readonly quarantined: number
}

const clientOf = sql`(select c.name from clients c where c.id = a.client_id)`

/** Whether a window, by the name of its pool, has not ended yet; slots of a rolling hour count until five minutes after. */
export const isCurrent = sql`
  window_start > app_now() - case when pool like '%.day' then interval '1 day' when pool like '%.hour' then interval '65 minutes'
    else interval '1 minute' end`

/**
 * Read through partial indexes: nothing here counts what is finished. What is of accounts is of those within reach; quota, jobs and
 * what they cost are of all.
 */
export async function readGauges(db: Queryable, reach: Reach = null): Promise<Gauges> {
  const ofTask = reaches(reach, sql`t.account_id`)
  const [row] = await db.rows<{ gauges: string }>(sql`
    select json_build_object(
      'accounts', (select coalesce(json_agg(g), '[]') from (
        select a.platform, case when not ${isAsked(sql`a`)} then 'stopped' when ${freshness(sql`a`)} <= 2 then 'fresh' else 'late' end as state,
          ${clientOf} as client, count(*) from accounts a where a.status not in ('unfollowed', 'erased') and ${isReached(reach, sql`a`)} group by 1, 2, 3) g),
      'stalest', (select coalesce(json_agg(g), '[]') from (
        select a.platform, a.id::text, coalesce('@' || a.handle, a.native_id) as name, ${clientOf} as client, ${freshness(sql`a`)}::float8 as ratio from accounts a
        where ${isAsked(sql`a`)} and ${isReached(reach, sql`a`)} order by 5 desc limit 20) g),
      'tasks', (select coalesce(json_agg(g), '[]') from (
        select status as state, count(*) from sync_tasks t where status in ('queued', 'waiting', 'extracting') and ${ofTask} group by 1
        union all
        select status, count(*) from sync_tasks t where status in ('transforming', 'enriching') and ${ofTask} group by 1) g),
      'waiting', (select coalesce(json_agg(g), '[]') from (
        select coalesce(reason, 'retry') as reason, count(*) from sync_tasks t where status = 'waiting' and ${ofTask} group by 1 order by 2 desc) g),
      'backlog', (select coalesce(json_agg(g), '[]') from (
        select 'extract' as step, count(*) from sync_tasks
        where status in ('queued', 'waiting', 'extracting') and coalesce(lease_until, run_at) <= app_now()
        union all
        select 'transform', count(*) from raw_pages where status = 'stored' and retry_at <= app_now()) g),
      'spent', (select coalesce(json_agg(g), '[]') from (
        select provider, sum(usd)::float8 as usd from ml_spending
        where day = (app_now() at time zone 'UTC')::date and usd is not null group by 1) g),
      'quota', (select coalesce(json_agg(g), '[]') from (
        select pool, coalesce(sum(used) filter (where ${isCurrent}), 0)::float8 / greatest(max("limit"), 1) as share
        from quota_windows where window_start > app_now() - interval '25 hours' group by pool) g),
      'jobs', (select coalesce(json_agg(g), '[]') from (
        select state, sum(count) as count, extract(epoch from app_now() - min(since))::float8 as oldest_s from (
          select j.status as state, count(*), min(j.created_at) as since from ml_jobs j where ${isOpen} group by 1
          union all select 'planned', sum(contents), min(created_at) from ml_plans having count(*) > 0) open
        group by 1) g),
      'parked', json_build_object(
        'page', (select count(*) from raw_pages t where status = 'parked' and ${ofTask}),
        'ml_job', (select count(*) from ml_jobs where parked),
        'held_deletion', (select count(*) from posts t where held_at is not null and ${ofTask})),
      'faults', (select coalesce(json_agg(g), '[]') from (select platform, count(*) from app_faults group by 1) g),
      'quarantined', (select count(*) from quarantined_records t where resolved_at is null and ${ofTask})
    ) as gauges`)
  if (!row) throw new Error('a select without a table has one row')
  return JSON.parse(row.gauges)
}
