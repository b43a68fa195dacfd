import type { Db, Queryable } from '../pool.ts'
import { raw, type Sql, sql } from '../sql.ts'
import { purgeState } from '../tables/fast-state.ts'
import { dropPages } from '../tables/raw-pages.ts'
import { deletePosts } from './purge.ts'

/** Days before its end at which content is asked for again. */
const refreshAheadDays = 4

const keepDays = (group: 'raw' | 'metrics' | 'daily' | 'content') => sql`
  select platform, keep_days * interval '1 day' as keep from retention where field_group = ${group} and keep_days is not null`

/** The latest time at which a body may end; partitions after it are not looked at. */
const latestEnd = sql`(select app_now() - min(keep) from (${keepDays('raw')}) r)`

const countOf = async (tx: Queryable, statement: Sql): Promise<number> => (await tx.rows(statement)).length

/**
 * Deletes bodies of answers that we have had long enough, so many at most, and what refused records hold of them. A parked
 * page whose body goes can never be read: it is dropped. Pages not read yet keep theirs. Returns how many went.
 */
export async function purgeBodies(db: Db, limit: number): Promise<number> {
  return db.transaction(async (tx) => {
    const old = await tx.rows<{ id: string; on: string }>(sql`
      select p.id, b.fetched_on::text as on from raw_bodies b join raw_pages p on p.id = b.raw_page_id
      join sync_tasks t on t.id = p.sync_task_id
      join (${keepDays('raw')}) r on r.platform = p.platform
        and greatest(p.fetched_at, t.created_at) < app_now() - r.keep
      where b.fetched_on <= (${latestEnd} at time zone 'UTC')::date and p.status <> 'stored'
      order by p.id limit ${limit} for update of p`)
    const far = await giveUpFar(tx, limit)
    const ids = [...old.map((page) => page.id), ...far]
    if (ids.length === 0) return 0
    await tx.rows(sql`
      delete from raw_bodies b using unnest(${old.map((page) => page.id)}::bigint[], ${old.map((page) => page.on)}::date[]) as o(id, fetched_on)
      where b.raw_page_id = o.id and b.fetched_on = o.fetched_on`)
    await tx.rows(sql`
      update quarantined_records set record = 'null', issues = '[]', resolved_at = coalesce(resolved_at, app_now())
      where raw_page_id = any(${ids}::bigint[])`)
    await tx.rows(sql`
      update record_issues set value = 'null' where raw_page_id = any(${ids}::bigint[])`)
    await dropPages(tx, sql`p.id = any(${ids}::bigint[]) and p.status = 'parked'`)
    return ids.length
  })
}

/** The same of bodies outside: they are noted to be deleted. Returns their pages. */
async function giveUpFar(tx: Queryable, limit: number): Promise<string[]> {
  const old = await tx.rows<{ id: string; body_key: string }>(sql`
    select p.id, p.body_key from raw_pages p join sync_tasks t on t.id = p.sync_task_id
    join (${keepDays('raw')}) r on r.platform = p.platform and greatest(p.fetched_at, t.created_at) < app_now() - r.keep
    where p.body_key is not null and p.fetched_at < ${latestEnd} and p.status <> 'stored'
    order by p.id limit ${limit} for update of p`)
  const ids = old.map(({ id }) => id)
  if (ids.length === 0) return []
  await tx.rows(sql`
    insert into doomed_bodies (body_key) select unnest(${old.map(({ body_key }) => body_key)}::uuid[]) on conflict do nothing`)
  await tx.rows(sql`
    update raw_pages set body_key = null, body_until = null where id = any(${ids}::bigint[])`)
  return ids
}

/** What a look through part of a table came to. */
interface LookedThrough {
  /** Rows that were concerned. */
  readonly count: number
  /** The last row looked at. null: there was none. */
  readonly last: string | null
}

/** Platforms whose numbers of the past end. */
export async function platformsWithMetricsRule(db: Queryable): Promise<string[]> {
  const rows = await db.rows<{ platform: string }>(
    sql`select platform from (${keepDays('metrics')}) r order by 1`,
  )
  return rows.map(({ platform }) => platform)
}

/**
 * Deletes numbers of the past of so many posts of a platform, after this one in id order, that are kept long enough; the
 * newest ones stay with their posts. Counts what went.
 */
export async function purgePostMetrics(
  db: Queryable,
  platform: string,
  afterId: string,
  limit: number,
): Promise<LookedThrough> {
  const [found] = await db.rows<LookedThrough>(sql`
    with next as (
      select id from posts where platform = ${platform} and id > ${afterId}::bigint order by id limit ${limit}
    ), gone as (
      delete from post_metrics m using next where m.post_id = next.id and m.observed_at < app_now() - (
        select keep from (${keepDays('metrics')}) r where r.platform = ${platform}) returning m.post_id
    )
    select (select count(*)::int from gone) as count, (select max(id) from next) as last`)
  return found ?? { count: 0, last: null }
}

/** The same of profiles, of all accounts of a platform. */
export async function purgeProfileMetrics(db: Queryable, platform: string): Promise<number> {
  return countOf(
    db,
    sql`
    delete from profile_metrics m using accounts a, (${keepDays('metrics')}) r
    where a.platform = ${platform} and r.platform = a.platform and m.account_id = a.id
      and m.observed_at < app_now() - r.keep returning m.account_id`,
  )
}

/** Deletes so many rows of numbers by day at most that are kept long enough. Returns how many. */
export const purgeDays = (
  db: Queryable,
  table: 'post_days' | 'account_days',
  limit: number,
): Promise<number> =>
  countOf(
    db,
    sql`
    delete from ${raw(table)} where ctid = any(array(
      select d.ctid from ${raw(table)} d join accounts a on a.id = d.account_id join (${keepDays('daily')}) r on r.platform = a.platform
      where d.day < (select (app_now() - min(keep))::date from (${keepDays('daily')}) r) and d.day < (app_now() - r.keep)::date
      order by d.day limit ${limit}))
    returning account_id`,
  )

/** Deletes numbers by day that are left of accounts that were erased. */
export const purgeErasedDays = (db: Queryable): Promise<number> =>
  countOf(
    db,
    sql`
    delete from account_days where account_id in (select id from accounts where status = 'erased') returning account_id`,
  )

/**
 * Looks through so many posts after this one in id order: an account with one that was not seen for almost as long as it may be
 * kept is walked whole now, unless it just was. Counts accounts.
 */
export async function refreshContent(db: Queryable, afterId: string, limit: number): Promise<LookedThrough> {
  const [found] = await db.rows<LookedThrough>(sql`
    with ${nextPosts(afterId, limit)}, refreshed as (
      update accounts a set full_walk_at = null, next_sync_at = least(a.next_sync_at, app_now()) from (
        select distinct p.account_id from next l join posts p on p.id = l.post_id and p.status = 'present'
        join (${keepDays('content')}) r on r.platform = p.platform
          and l.observed_at < app_now() - r.keep + ${refreshAheadDays} * interval '1 day'
      ) old
      where a.id = old.account_id and a.status in ('active', 'missing')
        and a.full_walk_at < app_now() - ${refreshAheadDays} * interval '1 day' returning a.id
    )
    select (select count(*)::int from refreshed) as count, (select max(post_id) from next) as last`)
  return found ?? { count: 0, last: null }
}

/** The newest-seen rows of so many posts after this one. */
const nextPosts = (afterId: string, limit: number) => sql`
  next as materialized (
    select post_id, observed_at from post_latest where post_id > ${afterId}::bigint order by post_id limit ${limit}
  )`

/** Deletes profiles that were not seen for as long as they may be kept. */
export const purgeProfiles = (db: Queryable): Promise<number> =>
  countOf(
    db,
    sql`
    delete from profiles p using accounts a, (${keepDays('content')}) r
    where a.id = p.account_id and r.platform = a.platform and p.observed_at < app_now() - r.keep returning a.id`,
  )

/**
 * Looks through so many posts after this one in id order, and deletes those that were not seen for as long as they may be
 * kept.
 */
export const purgePosts = (db: Db, afterId: string, limit: number): Promise<LookedThrough> =>
  db.transaction(async (tx) => {
    const [found] = await tx.rows<{ last: string | null; old: string[] }>(sql`
      with ${nextPosts(afterId, limit)}
      select (select max(post_id) from next) as last, array(
        select l.post_id::text from next l join posts p on p.id = l.post_id
        join (${keepDays('content')}) r on r.platform = p.platform and l.observed_at < app_now() - r.keep) as old`)
    const { last, old } = found ?? { last: null, old: [] }
    if (old.length === 0) return { count: 0, last }
    // One that is seen at this moment stays.
    const unseen = await tx.rows<{ id: string }>(sql`
      select p.id from post_latest l join posts p on p.id = l.post_id
      join (${keepDays('content')}) r on r.platform = p.platform and l.observed_at < app_now() - r.keep
      where l.post_id = any(${old}::bigint[]) order by p.id for update of l`)
    return {
      count: await deletePosts(
        tx,
        unseen.map(({ id }) => id),
      ),
      last,
    }
  })

/**
 * Deletes quota windows and answers of repeated requests that are no longer needed, and drops empty partitions of the past.
 * Returns how many.
 */
export async function purgeLeftovers(db: Queryable): Promise<number> {
  await db.rows(sql`
    delete from quota_windows where window_start < app_now() - interval '45 days' and blocked_until < app_now()`)
  await db.rows(sql`delete from idempotent_requests where started_at < app_now() - interval '2 days'`)
  await purgeState(db)
  const [found] = await db.rows<{ dropped: number }>(
    sql`select drop_empty_partitions(app_now() - interval '7 days') as dropped`,
  )
  return found?.dropped ?? 0
}
