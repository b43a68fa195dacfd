import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'
import { countMisses } from '../tables/post-status.ts'

/**
 * How long numbers of a post, as `p`, may stand before they are asked for again: the younger, the sooner. Posts older
 * than half a year are left to the walks over everything.
 */
const standsFor = sql`
  case when p.published_at > app_now() - interval '2 days' then interval '3 hours'
    when p.published_at > app_now() - interval '7 days' then interval '12 hours'
    when p.published_at > app_now() - interval '30 days' then interval '1 day'
    else interval '7 days' end`

/**
 * Posts, as `p` with `l`, whose numbers are due: neither seen nor asked about without result for so long. One that was missed is
 * asked about again a day later.
 */
const isDue = sql`
  p.status in ('present', 'missing') and greatest(l.observed_at, l.aimed_at) <= app_now() - ${standsFor}
  and (p.status = 'present' or greatest(p.changed_at, l.aimed_at) <= app_now() - interval '24 hours')`

/**
 * After a refresh has ended, posts of its account that are still due were asked about without result: a list that was not walked
 * whole does not show what is gone, and an answer may leave an id open.
 */
export async function markAimedInVain(tx: Queryable, accountIds: readonly string[]): Promise<void> {
  if (accountIds.length === 0) return
  await tx.rows(sql`
    with vain as (
      select l.post_id from posts p join post_latest l on l.post_id = p.id
      where p.account_id = any(${[...accountIds]}::bigint[]) and p.published_at > app_now() - interval '180 days' and ${isDue}
      order by l.post_id for update of l
    )
    update post_latest l set aimed_at = app_now() from vain where l.post_id = vain.post_id`)
}

/**
 * Makes a task for each account that has posts younger than so many days whose numbers are due, unless it is walking
 * anyway. They give way to all others. Returns how many were made.
 */
export async function planRefresh(db: Queryable, youngerThanDays: number): Promise<number> {
  const [made] = await db.rows<{ count: number }>(sql`
    with due as (
      select a.id, a.platform from accounts a
      where a.status = 'active' and a.access_mode <> 'import' and exists (
        select from posts p join post_latest l on l.post_id = p.id
        where p.account_id = a.id and p.published_at > app_now() - ${youngerThanDays} * interval '1 day' and ${isDue})
      and not exists (
        select from sync_tasks t where t.account_id = a.id and t.status in ('queued', 'waiting', 'extracting', 'transforming'))
      order by a.id for no key update of a skip locked
    ), job as (
      insert into sync_jobs (origin, mode) select 'schedule', 'refresh' where exists (select from due) returning id
    ), task as (
      insert into sync_tasks (account_id, platform, lane, mode)
      select id, platform, 'backfill', 'refresh' from due order by id on conflict do nothing returning id
    ), linked as (
      insert into sync_job_tasks (sync_job_id, sync_task_id) select job.id, task.id from job, task
    )
    select count(*)::int as count from task`)
  return made?.count ?? 0
}

export interface DuePosts {
  readonly account_id: string
  /** Native ids, the youngest first. */
  readonly ids: readonly string[]
  /** Publication time of the oldest of them. */
  readonly oldest: Date
}

/**
 * Posts of these accounts, younger than so many days, whose numbers are due, so many of each at most. Accounts that have none
 * are left out.
 */
export async function duePosts(
  db: Queryable,
  accountIds: readonly string[],
  { youngerThanDays, limit }: { readonly youngerThanDays: number; readonly limit: number },
): Promise<DuePosts[]> {
  if (accountIds.length === 0) return []
  return db.rows(sql`
    select a.id as account_id, array_agg(d.native_id order by d.published_at desc) as ids, min(d.published_at) as oldest
    from unnest(${[...accountIds]}::bigint[]) as a(id) cross join lateral (
      select p.native_id, p.published_at from posts p join post_latest l on l.post_id = p.id
      where p.account_id = a.id and p.published_at > app_now() - ${youngerThanDays} * interval '1 day' and ${isDue}
      order by p.published_at desc limit ${limit}
    ) d
    group by a.id`)
}

/** A post asked about by its id and left out of the answer. */
export interface Miss {
  readonly native_id: string
  readonly account_id: string
  /** When the platform answered. */
  readonly at: Date
  /** For which task. */
  readonly task_id: string
}

/** Counts misses of posts asked about by id. */
export async function countMissesById(
  tx: Queryable,
  platform: string,
  misses: readonly Miss[],
): Promise<void> {
  if (misses.length === 0) return
  await countMisses(
    tx,
    sql`
      select p.id as post_id, max(m.at) as at, max(m.at) as since, max(m.task_id) as task_id
      from unnest(${misses.map(({ native_id }) => native_id)}::text[],
        ${misses.map(({ account_id }) => account_id)}::bigint[],
        ${misses.map(({ at }) => at)}::timestamptz[],
        ${misses.map(({ task_id }) => task_id)}::bigint[]) as m(native_id, account_id, at, task_id)
      join posts p on p.platform = ${platform} and p.native_id = m.native_id and p.account_id = m.account_id
      group by p.id`,
  )
}
