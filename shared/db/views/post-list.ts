import type { Platform } from '../../model/account.ts'
import type { PostMetrics } from '../../model/post.ts'
import type { ProfileMetrics } from '../../model/profile.ts'
import type { Queryable } from '../pool.ts'
import { isBrandReached, type Reach, reaches } from '../reach.ts'
import { type Sql, sql } from '../sql.ts'
import { postMetrics, profileMetrics } from '../tables/metrics.ts'

/** A post with its newest numbers, which are decimal text; null: hidden or not reported. */
export interface PostLine extends PostMetrics {
  readonly id: string
  readonly account_id: string
  readonly platform: Platform
  readonly native_id: string
  readonly class: string
  readonly status: string
  readonly title: string | null
  readonly body: string | null
  readonly permalink: string | null
  readonly published_at: Date
  readonly observed_at: Date
}

const lines = (which: Sql, mostText: number) => sql`
  select o.id, o.account_id, o.platform, o.native_id, o.class, o.status, left(o.title, ${mostText}) as title,
    left(o.body, ${mostText}) as body, o.permalink, o.published_at, l.observed_at, ${postMetrics.of('l')}
  from posts o join post_latest l on l.post_id = o.id where ${which}`

export interface PostFilter {
  readonly account_id: string
  /** Goes on after this post, which must be one of the account. */
  readonly after?: string | undefined
  readonly limit: number
}

/** Posts of an account, the newest first, and one more than asked for. undefined: it has no such post to go on after. */
export async function listPosts(
  db: Queryable,
  { account_id, after, limit }: PostFilter,
): Promise<PostLine[] | undefined> {
  const [place] = after
    ? await db.rows<{ published_at: string }>(
        sql`select published_at::text from posts where id = ${after} and account_id = ${account_id}`,
      )
    : [null]
  if (place === undefined) return undefined
  const next = place
    ? sql`and (o.published_at, o.id) < (${place.published_at}::timestamptz, ${after ?? null}::bigint)`
    : sql``
  return db.rows<PostLine>(sql`
    ${lines(sql`o.account_id = ${account_id} ${next}`, 300)} order by o.published_at desc, o.id desc limit ${limit + 1}`)
}

/** The post that a platform knows by this id, if it is on record. */
export const postsNamed = (db: Queryable, platform: Platform, nativeId: string, reach: Reach) =>
  db.rows<PostLine>(
    lines(
      sql`o.platform = ${platform} and o.native_id = ${nativeId} and ${reaches(reach, sql`o.account_id`)}`,
      300,
    ),
  )

export interface PostDetail extends PostLine {
  /** The handle of its account, without @; else its id on the platform. */
  readonly account: string
  readonly hashtags: readonly string[]
  readonly mentions: readonly string[]
  readonly brands: readonly { readonly name: string; readonly source: string }[]
  readonly media: readonly { readonly role: string; readonly url: string | null }[]
  readonly annotations: readonly {
    readonly kind: string
    readonly model: string
    readonly model_version: string
    readonly result: unknown
  }[]
}

/** One post with what belongs to it. */
export async function postOf(db: Queryable, id: string, reach: Reach): Promise<PostDetail | undefined> {
  const [post] = await db.rows<PostLine>(
    lines(sql`o.id = ${id} and ${reaches(reach, sql`o.account_id`)}`, 20_000),
  )
  if (!post) return undefined
  const [row] = await db.rows<{ rest: string }>(sql`
    select json_build_object(
      'account', (select coalesce(a.handle, a.native_id) from posts o join accounts a on a.id = o.account_id where o.id = ${id}),
      'hashtags', (select coalesce(json_agg(tag order by tag), '[]') from (
        select distinct tag from post_hashtags where post_id = ${id}) t),
      'mentions', (select coalesce(json_agg(handle order by handle), '[]') from (
        select distinct handle_norm as handle from post_mentions where post_id = ${id}) m),
      'brands', (select coalesce(json_agg(json_build_object('name', brand, 'source', source) order by brand, source), '[]') from (
        select distinct brand, source from post_brands where post_id = ${id} and ${isBrandReached(reach, sql`brand_id`)}) b),
      'media', (select coalesce(json_agg(json_build_object('role', role, 'url', url) order by role, position), '[]')
        from post_media where post_id = ${id}),
      'annotations', (select coalesce(json_agg(json_build_object('kind', kind, 'model', model, 'model_version', model_version,
        'result', result) order by kind, model), '[]') from post_annotations where post_id = ${id})
    )::text as rest`)
  return { ...post, ...(JSON.parse(row?.rest ?? '{}') as Omit<PostDetail, keyof PostLine>) }
}

/** Numbers at one time. */
export interface Numbers<Name extends string> {
  readonly observed_at: Date
  readonly numbers: Readonly<Record<Name, string | null>>
}

const mostPoints = 2_000

/** History of a post's numbers, the oldest first: the newest two thousand points. */
export const postHistory = (db: Queryable, id: string) =>
  historyOf<keyof PostMetrics>(
    db,
    sql`select observed_at, ${postMetrics.list} from post_metrics where post_id = ${id}`,
  )

/** History of an account's numbers, the oldest first: the newest two thousand points. */
export const profileHistory = (db: Queryable, accountId: string) =>
  historyOf<keyof ProfileMetrics>(
    db,
    sql`select observed_at, ${profileMetrics.list} from profile_metrics where account_id = ${accountId}`,
  )

async function historyOf<Name extends string>(db: Queryable, points: Sql): Promise<Numbers<Name>[]> {
  const rows = await db.rows<{ observed_at: Date } & Record<Name, string | null>>(sql`
    select * from (${points} order by observed_at desc limit ${mostPoints}) newest order by observed_at`)
  return rows.map(({ observed_at, ...numbers }) => ({
    observed_at,
    numbers: numbers as unknown as Numbers<Name>['numbers'],
  }))
}
