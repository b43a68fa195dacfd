import type { Platform } from '../../model/account.ts'
import type { DetailFields, ListingFields, PostMetrics } from '../../model/post.ts'
import { columns, type RowOf } from '../columns.ts'
import { Conflict, codeOf, type Queryable, type Transaction } from '../pool.ts'
import { sql } from '../sql.ts'
import { postMetrics } from './metrics.ts'

/** The newest-seen row of a post. */
export interface LatestRow extends PostMetrics {
  readonly post_id: string
  readonly observed_at: Date
  readonly listing_hash: string | null
  readonly detail_hash: string | null
  readonly metrics_at: Date | null
  /** Hashes of what answers say, by which the same is recognised; null: unknown, or the fields have changed since. */
  readonly listing_raw: string | null
  readonly detail_raw: string | null
}

/** What is on record of a post, for deciding what an answer changes. */
export interface KnownPost extends Omit<LatestRow, 'post_id'> {
  readonly id: string
  readonly native_id: string
  /** Its owner: an account keeps its posts, even if the answer about another one shows them later. */
  readonly account_id: string
}

const listing = columns<ListingFields>({
  title: 'text',
  body: 'text',
  permalink: 'text',
  published_at: 'timestamptz',
})
const detail = columns<DetailFields>({
  class: 'text',
  class_source: 'text',
  live_state: 'text',
  lang: 'text',
  duration_ms: 'bigint',
  tags: 'jsonb',
  visibility: 'text',
  is_paid_partnership: 'boolean',
  is_ai_generated: 'boolean',
  made_for_kids: 'boolean',
})
const origin = columns<{
  readonly native_id: string
  readonly account_id: string
  readonly raw_page_id: string
}>({
  native_id: 'text',
  account_id: 'bigint',
  raw_page_id: 'bigint',
})
const rewritten = columns<{ readonly id: string; readonly raw_page_id: string }>({
  id: 'bigint',
  raw_page_id: 'bigint',
})
const text = columns<{ readonly text_key: string | null }>({ text_key: 'uuid' })
const newPost = columns<{ readonly id: string; readonly platform: Platform }>({
  id: 'bigint',
  platform: 'text',
})
  .and(origin)
  .and(listing)
  .and(detail)
  .and(text)
const rewrittenListing = rewritten.and(listing).and(text)
const rewrittenDetail = rewrittenListing.and(detail)

/** Of a post that no detailed answer has shown yet. */
const noDetail: DetailFields = {
  ...{ class: 'unknown', class_source: 'api', live_state: null, lang: null, duration_ms: null, tags: null },
  ...{ visibility: null, is_paid_partnership: null, is_ai_generated: null, made_for_kids: null },
}

const latest = columns<Omit<LatestRow, keyof PostMetrics>>({
  post_id: 'bigint',
  observed_at: 'timestamptz',
  listing_hash: 'text',
  detail_hash: 'text',
  metrics_at: 'timestamptz',
  listing_raw: 'uuid',
  detail_raw: 'uuid',
}).and(postMetrics)

export type NewPost = RowOf<typeof origin> & ListingFields & Partial<DetailFields> & RowOf<typeof text>
export type RewrittenPost = RowOf<typeof rewrittenListing>
export type RewrittenDetail = RowOf<typeof rewrittenDetail>

/**
 * Writes posts that were not on record a moment ago, in key order, and returns their ids in the order given. Throws a Conflict when
 * another transaction writes one of them at this moment, after waiting for it.
 */
export async function insertNewPosts(
  tx: Transaction,
  platform: Platform,
  rows: readonly NewPost[],
): Promise<string[]> {
  if (rows.length === 0) return []
  const [made] = await tx.rows<{ ids: string }>(sql`
    select json_agg(nextval('posts_id_seq')::text) as ids from generate_series(1, ${rows.length}::int)`)
  const ids = JSON.parse(made?.ids ?? '[]') as string[]
  const inOrder = rows.toSorted((a, b) => (a.native_id < b.native_id ? -1 : 1))
  const idOf = new Map(inOrder.map(({ native_id }, place) => [native_id, ids[place] ?? '']))
  const given = inOrder.map((row) => ({ ...noDetail, ...row, id: idOf.get(row.native_id) ?? '', platform }))
  try {
    await tx.copy(newPost.newRows('posts', given))
  } catch (error) {
    if (codeOf(error) !== '23505') throw error
    throw new Conflict('another batch wrote some of these posts at this moment', { cause: error })
  }
  return rows.map(({ native_id }) => idOf.get(native_id) ?? '')
}

/** Locks the newest-seen rows of posts in post order; a post is written only under this lock. */
export async function lockPosts(
  tx: Queryable,
  platform: Platform,
  nativeIds: readonly string[],
): Promise<KnownPost[]> {
  if (nativeIds.length === 0) return []
  return tx.rows(sql`
    select p.id, p.native_id, p.account_id, ${latest.of('l')}
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

/** A post whose text has a key: models look at it. */
export interface KeyedPost {
  readonly id: string
  readonly text_key: string
}

/** Without a model the same text keeps its key: what was found in it stays true. */
const keptKey = sql`case when (p.title, p.body) is not distinct from (r.title, r.body) then p.text_key end`

/** Rewrites the fields of the group `listing`. Returns the posts whose text models look at. */
export async function rewriteListings(tx: Queryable, rows: readonly RewrittenPost[]): Promise<KeyedPost[]> {
  if (rows.length === 0) return []
  return tx.rows(sql`
    with rewritten as (
      update posts p set (${listing.list}, raw_page_id, changed_at) = (${listing.of('r')}, r.raw_page_id, app_now()),
        text_key = case when p.text_key is not null then coalesce(r.text_key, ${keptKey}) end
      from ${rewrittenListing.rows(rows)} where p.id = r.id returning p.id, p.text_key
    )
    select id, text_key from rewritten where text_key is not null`)
}

/** Rewrites all fields. */
export async function rewriteDetails(tx: Queryable, rows: readonly RewrittenDetail[]): Promise<void> {
  if (rows.length === 0) return
  await tx.rows(sql`
    update posts p set (${listing.list}, ${detail.list}, raw_page_id, changed_at)
      = (${listing.of('r')}, ${detail.of('r')}, r.raw_page_id, app_now()), text_key = coalesce(r.text_key, ${keptKey})
    from ${rewrittenDetail.rows(rows)} where p.id = r.id`)
}

/** Of new posts. */
export async function insertLatest(tx: Transaction, rows: readonly LatestRow[]): Promise<void> {
  if (rows.length > 0) await tx.copy(latest.newRows('post_latest', rows))
}

export async function updateLatest(tx: Queryable, rows: readonly LatestRow[]): Promise<void> {
  if (rows.length === 0) return
  await tx.rows(sql`
    update post_latest l set ${latest.setFrom('r')} from ${latest.rows(rows)} where l.post_id = r.post_id`)
}
