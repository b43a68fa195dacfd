import { importPages } from '#functions/extract/import.ts'
import { transform } from '#functions/transform/step.ts'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { claimPages } from '#shared/db/tables/raw-pages.ts'
import { readPage } from '#shared/platforms/index.ts'
import { planning } from './ml.ts'

export interface Seen {
  readonly id: string
  readonly title: string
  readonly views: number
  /** When it was published; absent: on the first of the month. */
  readonly published?: string
}
export interface Page {
  readonly at: Date
  readonly endpoint: 'videos' | 'playlistItems'
  readonly posts: readonly Seen[]
}

const longAgo = '2026-10-01T00:00:00Z'
const item = ({ id, title, views, published = longAgo }: Seen) => ({
  kind: 'youtube#video',
  etag: `${title} ${views}`,
  id,
  snippet: {
    publishedAt: published,
    channelId: 'UC1',
    title,
    description: '#tag',
    liveBroadcastContent: 'none',
  },
  contentDetails: { duration: 'PT1M' },
  status: { privacyStatus: 'public', uploadStatus: 'processed' },
  statistics: { viewCount: String(views), likeCount: '1' },
})
const entry = ({ id, title, published = longAgo }: Seen) => ({
  kind: 'youtube#playlistItem',
  snippet: { title, description: '#tag' },
  contentDetails: { videoId: id, videoPublishedAt: published },
})
const bodyOf = ({ endpoint, posts }: Page) =>
  endpoint === 'videos'
    ? JSON.stringify({ kind: 'youtube#videoListResponse', items: posts.map(item) })
    : JSON.stringify({ kind: 'youtube#playlistItemListResponse', items: posts.map(entry) })

export const at = (minutes: number) => new Date(Date.UTC(2026, 9, 20) + minutes * 60_000)

export const keep = (db: Db, pages: readonly Page[], handle = 'UCaaaaaaaaaaaaaaaaaaaaaa') =>
  importPages(
    db,
    pages.map((page) => ({
      ...{ platform: 'youtube' as const, handle, endpoint: page.endpoint, fetched_at: page.at },
      // Pages of the same text are one import: each has a text of its own.
      body: bodyOf(page).replace('{', `{"etag": "${page.at.toISOString()} ${Math.random()}", `),
    })),
    null,
  )

/** Reads all that is kept as one batch. Returns how many posts were read, not recognised. */
export async function readAll(db: Db): Promise<number> {
  let read = 0
  const counting: typeof readPage = (...page) => {
    const records = readPage(...page)
    read += records.posts.length
    return records
  }
  const pages = await claimPages(db, { pages: 1000, bytes: 1e9 })
  if (pages.length > 0) await transform(db, pages, planning, counting)
  return read
}

export const forget = (db: Db) => db.rows(sql`update post_latest set listing_raw = null, detail_raw = null`)
export const one = (id: string, title = 'a', views = 1): Seen => ({ id, title, views })
export const videos = (minutes: number, ...posts: Seen[]): Page => ({
  at: at(minutes),
  endpoint: 'videos',
  posts,
})
export const listed = (minutes: number, ...posts: Seen[]): Page => ({
  at: at(minutes),
  endpoint: 'playlistItems',
  posts,
})

export const titlesAndViews = (db: Db) =>
  db.rows(sql`
    select p.native_id as id, p.title, l.views, l.observed_at as at, (select count(*)::int from post_metrics m where m.post_id = p.id) as points
    from posts p join post_latest l on l.post_id = p.id order by 1`)
