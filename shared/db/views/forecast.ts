import type { AccessMode, Platform } from '../../model/account.ts'
import type { Lane, SyncMode, TaskMode } from '../../model/sync.ts'
import type { Queryable } from '../pool.ts'
import { isReached, type Reach } from '../reach.ts'
import { type Sql, sql } from '../sql.ts'
import { isOpen, jobsOfTask } from '../tables/ml-jobs/contents.ts'

/** What a walk over an account is about, as far as that is known before. */
export interface Ahead {
  readonly account_id: string
  readonly platform: Platform
  readonly access_mode: AccessMode
  readonly status: string
  readonly handle: string | null
  readonly native_id: string | null
  /** Posts there are. null: its profile was never read. */
  readonly posts: number | null
  /** Posts that are to be listed. */
  readonly wanted: number
  /** When the oldest of them was published. null: back to the beginning. */
  readonly since: Date | null
  /** Posts that are not on record yet. */
  readonly fresh: number
  readonly now: Date
}

/** How a walk, of that mode, over an account `a` looks ahead. */
const columns = (mode: Sql, lookBackDays: number) => sql`
  a.id as account_id, a.platform, a.access_mode, a.status, a.handle, a.native_id, app_now() as now, n.posts,
  case when ${mode} = 'full' or a.watermark is null then null else a.watermark - ${lookBackDays} * interval '1 day' end as since,
  case when ${mode} = 'full' or a.watermark is null then coalesce(n.posts, 0)
    else least(k.recent + n.fresh, n.posts + n.fresh) end::int as wanted,
  n.fresh::int as fresh`

/**
 * What is known of an account `a`. Posts of the month before its last walk predict how many a day will bring; those of
 * the time since are not on record yet. Of one that was never walked whole, all that its profile counts beyond are.
 */
const known = (mode: Sql, lookBackDays: number) => sql`
  left join profiles p on p.account_id = a.id
  cross join lateral (
    select max(w.walk_ended_at) as at from sync_tasks w
    where w.account_id = a.id and w.mode <> 'refresh' and w.walk_outcome in ('whole', 'partial')
  ) walked
  cross join lateral (
    select count(*)::int as posts,
      count(*) filter (where o.published_at >= a.watermark - ${lookBackDays} * interval '1 day')::int as recent,
      count(*) filter (where o.published_at > walked.at - interval '30 days' and o.published_at <= walked.at) / 30.0 as a_day
    from posts o where o.account_id = a.id and o.status <> 'deleted'
  ) k
  cross join lateral (
    select greatest(coalesce(p.posts, 0) - k.posts, 0) as uncounted,
      least(round(k.a_day * extract(epoch from app_now() - walked.at) / 86400), 100000) as since_then
  ) r
  cross join lateral (
    select case when p.account_id is null and k.posts = 0 then null else greatest(p.posts, k.posts) end::int as posts,
      case when a.watermark is null then r.uncounted
        when ${mode} = 'full' then greatest(r.uncounted, r.since_then) else coalesce(r.since_then, 0) end as fresh
  ) n`

/** What a sync of these accounts would be about. */
export const aheadOf = (
  db: Queryable,
  ids: readonly string[],
  {
    mode,
    lookBackDays,
    reach,
  }: { readonly mode: SyncMode; readonly lookBackDays: number; readonly reach: Reach },
) =>
  db.rows<Ahead>(sql`
    select ${columns(sql`${mode}::text`, lookBackDays)}
    from accounts a ${known(sql`${mode}::text`, lookBackDays)}
    where a.id = any(${[...ids]}::bigint[]) and a.status <> 'erased' and ${isReached(reach, sql`a`)} order by a.id`)

const modeAhead = sql`(case when walk.is_further then coalesce(t.again_mode, 'incremental') else t.mode end)`

export interface TaskAhead extends Ahead {
  readonly task_id: string
  readonly mode: TaskMode
  readonly lane: Lane
  /** Where it stands: entries listed, and listed ones that are yet to be asked about. */
  readonly listed: number
  readonly pending: number
  readonly has_profile: boolean
  readonly has_listed: boolean
  /** Not before, and why. null: it waits for nothing. */
  readonly run_at: Date | null
  readonly reason: string | null
}

/** Walks of one request that are looked ahead for. */
export const mostAhead = 500

/**
 * What is left of the walks of a request, for one more than `mostAhead` at most. Where the request waits for a further
 * walk of an account, that one counts too, from its beginning.
 */
export const aheadOfJob = (db: Queryable, jobId: string, lookBackDays: number) =>
  db.rows<TaskAhead>(sql`
    select t.id as task_id, t.lane, ${modeAhead} as mode, ${columns(modeAhead, lookBackDays)},
      case when walk.is_further then 0 else coalesce((t.cursor ->> 'listed')::int, 0) end as listed,
      case when walk.is_further then 0 else coalesce(jsonb_array_length(t.cursor -> 'pending'), 0) end as pending,
      not walk.is_further and coalesce((t.cursor ->> 'profile')::boolean, false) as has_profile,
      not walk.is_further and coalesce(t.cursor ->> 'ended', '') <> '' as has_listed,
      case when t.status = 'waiting' and not walk.is_further then t.run_at end as run_at,
      case when t.status = 'waiting' and not walk.is_further then t.reason end as reason
    from sync_job_tasks jt join sync_tasks t on t.id = jt.sync_task_id join accounts a on a.id = t.account_id
      cross join lateral (
        select false as is_further where t.status in ('queued', 'waiting', 'extracting')
        union all select true where jt.again
      ) walk
      ${known(modeAhead, lookBackDays)}
    where jt.sync_job_id = ${jobId} and not jt.cancelled
    order by t.id, walk.is_further limit ${mostAhead + 1}`)

/** What was measured of late. */
export interface Pace {
  /** Time from one answer of a walk to the next. null: none was measured. */
  readonly call_s: number | null
  /** ML jobs that a post has, by platform; of one that is not named no post is on record. */
  readonly jobs_a_post: Readonly<Partial<Record<Platform, number>>>
  /** Within this time nine of ten ML jobs were done. null: none was. */
  readonly job_s: number | null
  /** What the slowest of them took. */
  readonly slowest_job_s: number | null
}

/** Measured over the last few hundred answers, thousand ML jobs, and some posts of thirty accounts of each platform. */
export async function paceOf(db: Queryable): Promise<Pace> {
  const [row] = await db.rows<Omit<Pace, 'jobs_a_post'> & { jobs_a_post: string }>(sql`
    with jobs as (
      select extract(epoch from finished_at - submitted_at)::float8 as took
      from ml_jobs where status = 'done' order by id desc limit 1000
    )
    select
      (select percentile_cont(0.5) within group (order by gap) from (
        select extract(epoch from fetched_at - lag(fetched_at) over (partition by sync_task_id, walk order by fetched_at))::float8 as gap
        from (select sync_task_id, walk, fetched_at from raw_pages order by id desc limit 500) last
      ) gaps where gap between 0.001 and 60) as call_s,
      (select coalesce(json_object_agg(platform, jobs), '{}')::text from (
        select a.platform, count(distinct k.content_key)::float8 / count(distinct p.id) as jobs
        from platforms as of_platform
        cross join lateral (
          select id, platform from accounts where platform = of_platform.name and synced_at is not null order by id desc limit 30) a
        cross join lateral (select id, text_key from posts where account_id = a.id and status <> 'deleted' limit 50) p
        left join lateral (
          select p.text_key as content_key union all select m.content_key from post_media m where m.post_id = p.id) k on true
        group by 1) of) as jobs_a_post,
      (select percentile_cont(0.9) within group (order by took) from jobs) as job_s,
      (select max(took) from jobs) as slowest_job_s`)
  if (!row) throw new Error('a select without a table has one row')
  return { ...row, jobs_a_post: JSON.parse(row.jobs_a_post) }
}

/** What a request waits for beside its walks. */
export interface WorkAhead {
  /** When the last of its answers is read that are yet to be. null: none is. */
  readonly read_at: Date | null
  /** ML jobs that are open. */
  readonly open: number
  /** When the first and the last of them were sent, or now where one is yet to be. null: none is open. */
  readonly first_sent_at: Date | null
  readonly last_sent_at: Date | null
  /** When one is asked about next. */
  readonly next_at: Date | null
  readonly now: Date
}

export async function workAheadOf(db: Queryable, jobId: string): Promise<WorkAhead> {
  const [row] = await db.rows<WorkAhead>(sql`
    with mine as (
      select t.id, t.status from sync_job_tasks jt join sync_tasks t on t.id = jt.sync_task_id
      where jt.sync_job_id = ${jobId} and not jt.cancelled
    ), jobs as (
      select 1 as count, coalesce(j.submitted_at, app_now()) as sent_at, j.next_at from ml_jobs j
      where ${isOpen} and j.id in (select o.id from mine cross join lateral (${jobsOfTask(sql`mine.id`)}) o)
      union all select l.contents, app_now(), app_now() from ml_plans l where l.sync_task_id in (select id from mine)
    )
    select (select coalesce(sum(count), 0)::int from jobs) as open,
      (select min(sent_at) from jobs) as first_sent_at, (select max(sent_at) from jobs) as last_sent_at,
      (select min(next_at) from jobs) as next_at, app_now() as now, greatest(
        (select app_now() from mine where status = 'transforming' limit 1),
        (select max(greatest(p.retry_at, app_now())) from raw_pages p where p.status = 'stored'
          and p.sync_task_id in (select id from mine where status in ('transforming', 'enriching')))) as read_at`)
  if (!row) throw new Error('a select without a table has one row')
  return row
}
