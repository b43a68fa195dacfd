import type { Platform } from '../model/account.ts'
import type { PostMetrics } from '../model/post.ts'
import type { Queryable } from './pool.ts'
import { rowsParam, sql } from './sql.ts'

/** What is on record of a post, for deciding what an answer changes. */
export interface KnownPost extends PostMetrics {
  readonly id: string
  readonly native_id: string
  /** Its owner: an account keeps its posts, whoever's answer shows them later. */
  readonly account_id: string
  readonly observed_at: Date
  readonly listing_hash: string | null
  readonly detail_hash: string | null
  readonly metrics_at: Date | null
  readonly status: string
  readonly missing_since: Date | null
}

/**
 * Inserts posts that were not on record a moment ago, in key order, with the columns given (absent ones take their defaults), and
 * returns their ids. One that another transaction inserts at this moment is waited for and left out.
 */
export async function insertNewPosts(
  tx: Queryable,
  platform: Platform,
  rows: readonly object[],
): Promise<Map<string, string>> {
  if (rows.length === 0) return new Map()
  const made = await tx.rows<{ id: string; native_id: string }>(sql`
    insert into posts (account_id, platform, native_id, class, class_source, live_state, title, body, permalink, lang,
      published_at, duration_ms, tags, visibility, is_paid_partnership, is_ai_generated, made_for_kids, raw_page_id)
    select r.account_id, ${platform}, r.native_id, coalesce(r.class, 'unknown'), coalesce(r.class_source, 'api'),
      r.live_state, r.title, r.body, r.permalink, r.lang, r.published_at, r.duration_ms, r.tags, r.visibility,
      r.is_paid_partnership, r.is_ai_generated, r.made_for_kids, r.raw_page_id
    from json_to_recordset(${rowsParam(rows)}::json) as r(account_id bigint, native_id text, class text,
      class_source text, live_state text, title text, body text, permalink text, lang text, published_at timestamptz,
      duration_ms bigint, tags jsonb, visibility text, is_paid_partnership boolean, is_ai_generated boolean,
      made_for_kids boolean, raw_page_id bigint)
    order by r.native_id
    on conflict (platform, native_id) do nothing
    returning id, native_id`)
  return new Map(made.map((post) => [post.native_id, post.id]))
}

/** Locks the newest-seen rows of posts in post order; a post is written only under this lock. */
export async function lockPosts(
  tx: Queryable,
  platform: Platform,
  nativeIds: readonly string[],
): Promise<KnownPost[]> {
  if (nativeIds.length === 0) return []
  return tx.rows(sql`
    select p.id, p.native_id, p.account_id, l.observed_at, l.listing_hash, l.detail_hash, l.metrics_at,
      l.views, l.likes, l.comments, l.shares, l.saves, p.status, p.missing_since
    from posts p join post_latest l on l.post_id = p.id
    where p.platform = ${platform} and p.native_id = any(${[...nativeIds]}::text[])
    order by p.id for update of l`)
}

/** When the answers were given that the fields of posts come from; posts whose page is not known are left out. */
export async function contentTimes(
  tx: Queryable,
  posts: readonly Pick<KnownPost, 'id'>[],
): Promise<Map<string, Date>> {
  const rows = await tx.rows<{ id: string; fetched_at: Date }>(sql`
    select p.id, r.fetched_at from posts p join raw_pages r on r.id = p.raw_page_id
    where p.id = any(${posts.map(({ id }) => id)}::bigint[])`)
  return new Map(rows.map(({ id, fetched_at }) => [id, fetched_at]))
}

/** Rewrites the fields of the group `listing`. */
export async function rewriteListings(tx: Queryable, rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return
  await tx.rows(sql`
    update posts p set (title, body, permalink, published_at, raw_page_id, changed_at)
      = (r.title, r.body, r.permalink, r.published_at, r.raw_page_id, app_now())
    from json_to_recordset(${rowsParam(rows)}::json) as r(id bigint, title text, body text, permalink text,
      published_at timestamptz, raw_page_id bigint)
    where p.id = r.id`)
}

/** Posts that were missing or deleted and are seen again. */
export async function markPresent(tx: Queryable, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await tx.rows(sql`
    update posts set status = 'present', missing_since = null, miss_count = 0, missed_by = null, held_at = null,
      changed_at = app_now()
    where id = any(${[...ids]}::bigint[])`)
}

/** Rewrites all fields. */
export async function rewriteDetails(tx: Queryable, rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return
  await tx.rows(sql`
    update posts p set (class, class_source, live_state, title, body, permalink, lang, published_at,
        duration_ms, tags, visibility, is_paid_partnership, is_ai_generated, made_for_kids, raw_page_id, changed_at)
      = (r.class, r.class_source, r.live_state, r.title, r.body, r.permalink, r.lang, r.published_at,
        r.duration_ms, r.tags, r.visibility, r.is_paid_partnership, r.is_ai_generated, r.made_for_kids, r.raw_page_id,
        app_now())
    from json_to_recordset(${rowsParam(rows)}::json) as r(id bigint, class text, class_source text,
      live_state text, title text, body text, permalink text, lang text, published_at timestamptz, duration_ms bigint,
      tags jsonb, visibility text, is_paid_partnership boolean, is_ai_generated boolean, made_for_kids boolean,
      raw_page_id bigint)
    where p.id = r.id`)
}

const latestColumns = sql`post_id bigint, observed_at timestamptz, listing_hash text, detail_hash text,
  metrics_at timestamptz, views bigint, likes bigint, comments bigint, shares bigint, saves bigint`

export async function insertLatest(tx: Queryable, rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return
  await tx.rows(sql`
    insert into post_latest (post_id, observed_at, listing_hash, detail_hash, metrics_at, views, likes, comments, shares, saves)
    select * from json_to_recordset(${rowsParam(rows)}::json) as r(${latestColumns}) order by post_id`)
}

export async function updateLatest(tx: Queryable, rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return
  await tx.rows(sql`
    update post_latest l set (observed_at, listing_hash, detail_hash, metrics_at, views, likes, comments, shares, saves)
      = (r.observed_at, r.listing_hash, r.detail_hash, r.metrics_at, r.views, r.likes, r.comments, r.shares, r.saves)
    from json_to_recordset(${rowsParam(rows)}::json) as r(${latestColumns})
    where l.post_id = r.post_id`)
}
