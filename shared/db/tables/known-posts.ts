import type { Platform } from '../../model/account.ts'
import type { PostMetrics } from '../../model/post.ts'
import { columns } from '../columns.ts'
import type { Queryable } from '../pool.ts'
import { raw, sql } from '../sql.ts'
import { postMetrics } from './metrics.ts'

/** What answers say of a post, as hashes. */
export interface SeenPost {
  readonly native_id: string
  readonly account_id: string
  /** null: no list, or no answer with all fields, shows it. */
  readonly listing_raw: string | null
  readonly detail_raw: string | null
  /** When the first of these answers was given. */
  readonly first_at: Date
}

const seenPost = columns<SeenPost & { readonly place: number }>({
  place: 'int',
  native_id: 'text',
  account_id: 'bigint',
  listing_raw: 'uuid',
  detail_raw: 'uuid',
  first_at: 'timestamptz',
})

/** The newest-seen row `l` of a post, as `r` shows it: with the same hashes, and older. */
const isSame = sql`l.observed_at < r.first_at
  and (r.listing_raw is null or l.listing_raw = r.listing_raw) and (r.detail_raw is null or l.detail_raw = r.detail_raw)`

/**
 * Of each, the id of the post of that account which is on record as these answers say, and was not seen since; null: none is,
 * or it is not present.
 */
export async function recognisePosts(
  db: Queryable,
  platform: Platform,
  posts: readonly SeenPost[],
): Promise<(string | null)[]> {
  if (posts.length === 0) return []
  const [found] = await db.rows<{ ids: string }>(sql`
    select json_agg(l.id::text order by r.place) as ids
    from ${seenPost.rows(posts.map((post, place) => ({ ...post, place })))}
    left join lateral (
      select id from posts where platform = ${platform} and native_id = r.native_id and account_id = r.account_id
        and status = 'present' limit 1
    ) p on true
    left join lateral (select l.post_id as id from post_latest l where l.post_id = p.id and ${isSame} limit 1) l on true`)
  return JSON.parse(found?.ids ?? '[]') as (string | null)[]
}

/** A post seen as it is on record but for its numbers. */
export interface KnownPostSeen extends PostMetrics, Omit<SeenPost, 'native_id' | 'account_id'> {
  readonly post_id: string
  /** When the last of these answers was given, and the one with numbers; null: none has numbers. */
  readonly last_at: Date
  readonly numbers_at: Date | null
}

const seen = columns<Omit<KnownPostSeen, keyof PostMetrics>>({
  post_id: 'bigint',
  listing_raw: 'uuid',
  detail_raw: 'uuid',
  first_at: 'timestamptz',
  last_at: 'timestamptz',
  numbers_at: 'timestamptz',
}).and(postMetrics)

/** A post is not as it was when it was recognised: changed, or seen by a newer answer. */
export class NotRecognised extends Error {
  override readonly name = 'NotRecognised'
}

/** Lists say nothing of numbers: those on record stay. */
const numbersNow = raw(
  postMetrics.names
    .map((name) => `case when r.numbers_at is null then l.${name} else r.${name} end as ${name}`)
    .join(', '),
)

/**
 * Notes that posts were seen as they are on record, by one statement that reads these rows alone: it locks their newest-seen
 * rows in post order, moves the time, and writes numbers that are news (`isNews` of the transform) to the history. Returns the
 * posts whose numbers were. Throws NotRecognised when one of them is not as the answers say any more, or was missed meanwhile.
 */
export async function touchPosts(tx: Queryable, posts: readonly KnownPostSeen[]): Promise<Set<string>> {
  if (posts.length === 0) return new Set()
  const inOrder = posts.toSorted((a, b) => Number(a.post_id) - Number(b.post_id))
  const [found] = await tx.rows<{ touched: number; news: string[] }>(sql`
    with held as materialized (
      select r.post_id, r.last_at, r.numbers_at, l.ctid as place, ${numbersNow}, r.numbers_at is not null and (l.metrics_at is null
        or r.numbers_at - l.metrics_at > interval '24 hours'
        or (${postMetrics.of('l')}) is distinct from (${postMetrics.of('r')})) as is_news
      from ${seen.rows(inOrder)}
      cross join lateral (
        select l.ctid, l.metrics_at, ${postMetrics.of('l')} from post_latest l
        where l.post_id = r.post_id and ${isSame}
        limit 1 for no key update
      ) l
    ), touched as (
      update post_latest l set observed_at = h.last_at, ${postMetrics.setFrom('h')},
        metrics_at = case when h.is_news then h.numbers_at else l.metrics_at end
      from held h where l.ctid = any(array(select place from held)) and l.post_id = h.post_id
      returning l.post_id, h.is_news, h.numbers_at, ${postMetrics.of('h')}
    ), appended as (
      insert into post_metrics (post_id, observed_at, ${postMetrics.list})
      select post_id, numbers_at, ${postMetrics.list} from touched where is_news order by post_id
      on conflict (post_id, observed_at) do update set ${postMetrics.setFrom('excluded')}
    )
    select count(*)::int as touched, coalesce(array_agg(post_id::text) filter (where is_news), '{}') as news from touched`)
  if (found?.touched !== posts.length) throw new NotRecognised('a post changed after it had been recognised')
  // Misses are written under the same locks: what is seen now is final until the commit.
  const [missed] = await tx.rows(sql`
    select from posts where id = any(${posts.map(({ post_id }) => post_id)}::bigint[]) and status <> 'present' limit 1`)
  if (missed) throw new NotRecognised('a post was missed after it had been recognised')
  return new Set(found.news)
}

/** Locks the newest-seen rows of posts, by their native ids and by ours, in post order. */
export async function holdPosts(
  tx: Queryable,
  platform: Platform,
  nativeIds: readonly string[],
  ids: readonly string[],
): Promise<void> {
  await tx.rows(sql`
    with wanted as (
      select id from posts where platform = ${platform} and native_id = any(${[...nativeIds]}::text[])
      union select unnest(${[...ids]}::bigint[])
    )
    select count(*) from (
      select from post_latest where post_id in (select id from wanted) order by post_id for update) held`)
}
