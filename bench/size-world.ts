import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'

export const postsPerAccount = 1_000
export const pointsPerPost = 20
const months = 4

export const accountId = (account: number) => `UCg${String(account).padStart(19, '0')}`
export const postId = (post: number) => `g${String(post).padStart(10, '0')}`

/**
 * Rows of so many posts, as months of syncing would leave them: their newest-seen rows and covers, twenty points of history each in
 * partitions of four months, and the answers they came from.
 */
export async function generate(db: Db, posts: number, say: (line: string) => void): Promise<void> {
  const accounts = Math.ceil(posts / postsPerAccount)
  await db.rows(
    sql`select make_partitions(app_now() - ${months} * interval '1 month', app_now() + interval '1 week')`,
  )
  await db.rows(sql`
    insert into accounts (platform, native_id, access_mode, next_sync_at, synced_at)
    select 'youtube', 'UCg' || lpad(n::text, 19, '0'), 'public_key', app_now() + interval '6 hours', app_now()
    from generate_series(1, ${accounts}::int) n order by n`)
  await db.rows(sql`
    insert into sync_tasks (account_id, platform, lane, mode, status, walk_outcome, walk_ended_at, finished_at, cursor)
    select id, 'youtube', 'schedule', 'full', 'done', 'whole', app_now(), app_now(), '{"walk": 1, "page_no": 0, "lookups": 20}'
    from accounts order by id`)
  // In parts: no statement outlasts the patience of the pool.
  const part = 100_000
  for (let from = 1; from <= posts; from += part) {
    const to = Math.min(posts, from + part - 1)
    if ((from - 1) % (part * 10) === 0)
      say(`size: ${from.toLocaleString('en-US')} of ${posts.toLocaleString('en-US')} posts`)
    await generatePart(db, from, to)
  }
  for (let month = months; month > 0; month -= 1)
    for (let from = 1; from <= posts; from += part) {
      if (from === 1) say(`size: history of the month ${month} before`)
      await generateHistory(db, from, Math.min(posts, from + part - 1), month)
    }
}

async function generatePart(db: Db, from: number, to: number): Promise<void> {
  await db.rows(sql`
    insert into raw_pages (sync_task_id, account_id, platform, endpoint, lane, walk, page_no, status, fetched_at, body_bytes, body_sha256,
      settled_at, transform_version, records_in, normalised, unchanged, stale, duplicate, quarantined)
    select ceil(n * 50.0 / ${postsPerAccount}::int), ceil(n * 50.0 / ${postsPerAccount}::int), 'youtube', 'videos', 'schedule', 1, n, 'transformed',
      app_now() - interval '1 hour', 50000, '', app_now(), 1, 50, 50, 0, 0, 0, 0
    from generate_series(${Math.ceil(from / 50)}::int, ${Math.ceil(to / 50)}::int) n order by n`)
  await db.rows(sql`
    insert into posts (account_id, platform, native_id, class, title, body, permalink, published_at, raw_page_id, text_key)
    select ceil(n::numeric / ${postsPerAccount}::int), 'youtube', 'g' || lpad(n::text, 10, '0'), 'video', 'Post ' || n, repeat('about it ', 20), 'https://www.youtube.com/watch?v=g' || n,
      app_now() - n % 1000 * interval '1 day', ceil(n / 50.0), lpad(to_hex(n), 32, '0')::uuid
    from generate_series(${from}::int, ${to}::int) n order by n`)
  await db.rows(sql`
    insert into post_latest (post_id, observed_at, listing_hash, detail_hash, metrics_at, views, likes)
    select id, app_now() - interval '1 hour', 'generated', 'generated', app_now() - interval '1 hour', id, 1
    from posts where id between ${from} and ${to} order by id`)
  await db.rows(sql`
    insert into post_media (post_id, role, position, kind, url)
    select id, 'cover', 0, 'image', 'https://i.ytimg.com/vi/g' || id || '/hqdefault.jpg'
    from posts where id between ${from} and ${to} order by id`)
  await db.rows(sql`
    insert into ml_jobs (content_key, kind, model, status, provider_job_id, model_version, submitted_at, finished_at, sync_task_id, raw_page_id)
    select text_key, 'text', 'm', 'done', 'j' || id, 'm@1', app_now(), app_now(), account_id, raw_page_id
    from posts where id between ${from} and ${to} order by id`)
  await db.rows(sql`
    insert into annotations (content_key, kind, model_version, result, ml_job_id)
    select j.content_key, 'text', 'm@1', '{"items": []}', j.id from posts p join ml_jobs j on j.content_key = p.text_key
    where p.id between ${from} and ${to} order by p.id`)
}

const generateHistory = (db: Db, from: number, to: number, month: number) =>
  db.rows(sql`
    insert into post_metrics (post_id, observed_at, views, likes)
    select n, date_trunc('month', app_now()) - ${month - 1} * interval '1 month' + p * interval '30 minutes', n - ${month * 10}::int + p, 1
    from generate_series(${from}::int, ${to}::int) n, generate_series(1, ${pointsPerPost / months}::int) p order by 1, 2`)
