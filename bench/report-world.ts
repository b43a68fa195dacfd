import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'

export interface ReportWorld {
  readonly posts: number
  readonly postsPerAccount: number
  /** Days of history, each with one answer about each post. */
  readonly days: number
}

/** So many posts at once, so that no statement outlasts the patience of the pool. */
const part = 100_000
const months = 20

/**
 * Rows as months of syncing would leave them, for questions over all of them: accounts of three platforms, ten of them a brand, the
 * first of which is Aurora Runners, ten clients, posts of four hundred days with a point of history on each day, mentions of every sort,
 * deletions. Numbers follow from the number of the post and of the day, so that what is asked can be reckoned otherwise.
 */
export async function generateReportWorld(
  db: Db,
  { posts, postsPerAccount, days }: ReportWorld,
  say: (line: string) => void,
): Promise<void> {
  await db.rows(
    sql`select make_partitions(app_now() - ${months} * interval '1 month', app_now() + interval '1 week')`,
  )
  await owners(db, posts / postsPerAccount)
  for (let from = 1; from <= posts; from += part) {
    if (from % (part * 5) === 1)
      say(`report: ${from.toLocaleString('en-US')} of ${posts.toLocaleString('en-US')} posts`)
    await postsBetween(db, from, Math.min(posts, from + part - 1), postsPerAccount)
  }
  for (let ago = days - 1; ago >= 0; ago -= 1) {
    if (ago % 10 === 0) say(`report: the day ${ago} days ago`)
    await dayOf(db, ago, posts)
  }
}

async function owners(db: Db, accounts: number): Promise<void> {
  await db.rows(sql`
    insert into clients (name, name_norm) select 'Client ' || n, 'client ' || n from generate_series(1, 10) n`)
  await db.rows(sql`
    insert into brands (name, name_norm, posts_after, finds_after)
    select case n when 1 then 'Aurora Runners' else 'Brand ' || n end, case n when 1 then 'aurora runners' else 'brand ' || n end, null, null
    from generate_series(1, ceil(${accounts}::float8 / 10)::int) n order by n`)
  await db.rows(sql`
    insert into brand_handles (brand_id, platform, handle, handle_norm)
    select b.id, p.name, 'brand' || b.id, 'brand' || b.id from brands b cross join platforms p`)
  await db.rows(sql`
    insert into accounts (platform, native_id, handle, handle_norm, access_mode, brand_id, client_id, next_sync_at)
    select (array['youtube', 'instagram', 'tiktok'])[1 + n % 3], 'a' || n, 'account' || n, 'account' || n, 'import',
      1 + (n - 1) / 10, 1 + n % 10, 'infinity'
    from generate_series(1, ${accounts}::int) n order by n`)
  await db.rows(sql`
    insert into profiles (account_id, native_id, content_hash, observed_at, followers)
    select id, native_id, '', app_now(), 1000 * id from accounts order by id`)
  await db.rows(sql`
    insert into sync_tasks (account_id, platform, lane, mode, status, walk_outcome, walk_ended_at, finished_at, cursor)
    select id, platform, 'schedule', 'full', 'done', 'whole', app_now(), app_now(), '{"walk": 1, "page_no": 0, "lookups": 0}'
    from accounts order by id`)
}

async function postsBetween(db: Db, from: number, to: number, postsPerAccount: number): Promise<void> {
  const key = sql`lpad(to_hex(n), 32, '0')::uuid`
  await db.rows(sql`
    insert into posts (account_id, platform, native_id, class, title, body, permalink, published_at, text_key, status, missing_since, miss_count)
    select a.id, a.platform, 'g' || n, (array['video', 'short_video', 'image', 'carousel'])[1 + n % 4], 'Post ' || n, repeat('about it ', 20),
      'https://example.com/' || n, app_now() - n % 400 * 7919 % 400 * interval '1 day' - n % 24 * interval '1 hour', ${key},
      case when n % 199 = 0 and n % 400 * 7919 % 400 > 4 then 'deleted' else 'present' end, case when n % 199 = 0 and n % 400 * 7919 % 400 > 4 then app_now() - interval '3 days' end,
      case when n % 199 = 0 and n % 400 * 7919 % 400 > 4 then 2 else 0 end
    from generate_series(${from}::int, ${to}::int) n join accounts a on a.id = 1 + (n - 1) / ${postsPerAccount}::int order by n`)
  await db.rows(sql`
    insert into post_latest (post_id, observed_at, metrics_at, views, likes, comments)
    select id, app_now(), app_now(), case when platform = 'instagram' and class in ('image', 'carousel') then null else 1000 + id * 31 % 100000 end,
      case when id % 20 > 0 then id * 17 % 5000 end, id % 90
    from posts where id between ${from} and ${to} order by id`)
  await db.rows(sql`
    insert into post_media (post_id, role, position, kind, content_key)
    select id, 'cover', 0, 'image', text_key from posts where id between ${from} and ${to} order by id`)
  await db.rows(sql`
    insert into post_deletions (post_id, deleted_at, confirmed_at)
    select id, missing_since, missing_since + interval '1 day' from posts where id between ${from} and ${to} and status = 'deleted' order by id`)
  const brands = sql`(select count(*)::int from brands)`
  await db.rows(sql`
    insert into caption_brands (post_id, brand_id, name)
    select id, 1 + id % ${brands}, 'Name' from posts where id between ${from} and ${to} and id % 3 = 0 order by id`)
  await db.rows(sql`
    insert into post_mentions (post_id, source, position, handle, handle_norm)
    select id, case when id % 3 = 0 then 'text' else 'dictionary' end, 0, 'brand' || 1 + id % ${brands}, 'brand' || 1 + id % ${brands}
    from posts where id between ${from} and ${to} and id % 5 = 0 order by id`)
  await db.rows(sql`
    insert into ml_find_brands (content_key, kind, model_version, what, brand_id, name, score)
    select text_key, case when id % 8 = 0 then 'text' else 'image' end, 'm@1', 'brand', 1 + id % ${brands}, 'Name', 0.5
    from posts where id between ${from} and ${to} and id % 4 = 0 order by id`)
}

/** Answers of a day, one account after another, the last an hour ago. */
async function dayOf(db: Db, ago: number, posts: number): Promise<void> {
  const at = sql`(app_now() - interval '1 hour' - ${ago} * interval '1 day')`
  const ofPost = sql`(${at} - (1000 - account_id % 1000) * interval '36 seconds')`
  await db.rows(sql`
    insert into profile_metrics (account_id, observed_at, followers, posts)
    select id, ${at}, 1000 * id - ${ago}::int * (id % 7), 100 from accounts order by id`)
  await db.rows(sql`
    insert into raw_pages (sync_task_id, account_id, platform, endpoint, lane, walk, page_no, status, fetched_at, body_bytes, body_sha256, settled_at,
      transform_version, records_in, normalised, unchanged, stale, duplicate, quarantined)
    select t.id, t.account_id, t.platform, 'videos', 'schedule', 1, ${ago + 1}::int, 'transformed', ${ofPost}, 1, '', ${at}, 1, 0, 0, 0, 0, 0, 0
    from sync_tasks t order by t.id`)
  for (let from = 1; from <= posts; from += part * 5)
    await db.rows(sql`
      insert into post_metrics (post_id, observed_at, views, likes, comments)
      select id, ${ofPost}, case when platform = 'instagram' and class in ('image', 'carousel') then null
          else 1000 + id * 31 % 100000 - ${ago}::int * (id % 9) end,
        case when id % 20 > 0 then id * 17 % 5000 - ${ago}::int end, id % 90
      from posts where id between ${from} and ${from + part * 5 - 1} and published_at < ${ofPost} order by id`)
}
