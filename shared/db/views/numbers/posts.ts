import type { Platform } from '../../../model/account.ts'
import { normOf } from '../../../model/brand.ts'
import type { Queryable } from '../../pool.ts'
import type { Reach } from '../../reach.ts'
import { type Sql, sql } from '../../sql.ts'
import { isAwaited } from '../../tables/ml-jobs/contents.ts'
import { orderedBy, type Sort } from '../sorted.ts'
import { type Range, rangeOf } from './range.ts'

/** Where a picture of a post is. */
export interface PictureFacts {
  readonly platform: Platform
  /** A link of the platform. null: there is none. */
  readonly url: string | null
  /** It works for some minutes yet, as far as it says itself. */
  readonly is_fresh: boolean | null
  /** The content by which our own address leads to it. null: it does not, since no ML job waits for a newer link. */
  readonly content_key: string | null
  readonly now: Date
}

/** A post as people compare it. Numbers are decimal text. */
export interface BestPost extends PictureFacts {
  readonly id: string
  readonly sort_key: string | null
  readonly account_id: string
  readonly account: string
  readonly brand: string | null
  readonly client: string | null
  readonly class: string
  readonly title: string | null
  readonly permalink: string | null
  readonly published_at: Date
  readonly views: string | null
  readonly likes: string | null
  readonly comments: string | null
  readonly shares: string | null
  readonly saves: string | null
  readonly engagement: string | null
  readonly engagement_rate: number | null
  readonly engagement_by_followers: number | null
}

export interface PostsFilter extends Range {
  /** Names. */
  readonly brand?: string | undefined
  readonly client?: string | undefined
  readonly platform?: string | undefined
  readonly class?: string | undefined
  readonly account_id?: string | undefined
  /** Fewer views, and the post is left out; one whose views are hidden stays. */
  readonly least_views?: number | undefined
  readonly reach: Reach
}

const count = { type: sql`bigint`, fits: /^-?\d{1,18}$/ }
const share = { type: sql`float8`, fits: /^-?\d+(\.\d+)?(e[+-]?\d+)?$/ }

/** What it is sorted by; `fits`: what such a value is as text. */
export const postSorts = {
  published_at: {
    by: sql`p.published_at`,
    type: sql`timestamptz`,
    fits: /^\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?[+-]\d\d(:\d\d)?$/,
  },
  views: { by: sql`p.views`, ...count },
  engagement: { by: sql`p.engagement`, ...count },
  engagement_rate: { by: sql`p.engagement_rate`, ...share },
  engagement_by_followers: { by: sql`p.engagement_by_followers`, ...share },
} as const

/** The content of a medium of which the resolver of pictures has links renewed; else NULL. */
export const resolved = (medium: Sql): Sql => sql`
  (select min(j.content_key::text) from ml_jobs j where j.content_key = ${medium}.content_key and ${isAwaited})`

/**
 * The picture that shows a post best, as `m`: a cover or thumbnail, else the first of the post; one whose link works comes first.
 * @param preferred media that come before all others
 */
export const pictureOf = (postId: Sql, preferred: Sql = sql`'{}'::bigint[]`): Sql => sql`
  left join lateral (
    select m.url, ${resolved(sql`m`)} as content_key, m.url is not null and (m.url_expires_at is null or m.url_expires_at > app_now() + interval '2 minutes') as is_fresh
    from post_media m where m.post_id = ${postId} and m.kind = 'image'
    order by m.id = any(${preferred}) desc, is_fresh desc, m.role in ('cover', 'thumbnail') desc, m.position limit 1) m on true`

/** Posts published in a range of days that are there, after that place, in that order, and one more than asked for. */
export function bestPosts(
  db: Queryable,
  { brand, client, platform, account_id, least_views, reach, ...filter }: PostsFilter,
  sort: Sort,
  limit: number,
): Promise<BestPost[]> {
  const { key, isAfter, order, outer } = orderedBy(sort, postSorts, sql`p.post_id`)
  return db.rows<BestPost>(sql`
    with ${rangeOf(filter)}, found as (
      select p.post_id as id, ${key} as sort_key from report.posts p cross join r
      where p.status = 'present' and p.published_at >= r.since and p.published_at < r.until and ${isAfter}
        and ${reach === null ? sql`true` : sql`p.client_id = any(${[...reach]}::bigint[])`}
        and ${brand === undefined ? sql`true` : sql`p.brand_id = (select id from brands where name_norm = ${normOf(brand)})`}
        and ${client === undefined ? sql`true` : sql`p.client_id = (select id from clients where name_norm = ${normOf(client)})`}
        and ${account_id === undefined ? sql`true` : sql`p.account_id = ${account_id}::bigint`}
        and (${platform ?? null}::text is null or p.platform = ${platform ?? null})
        and (${filter.class ?? null}::text is null or p.class = ${filter.class ?? null})
        and (${least_views ?? null}::bigint is null or p.views is null or p.views >= ${least_views ?? null}::bigint)
      order by ${order} limit ${limit + 1}
    )
    select p.post_id as id, f.sort_key::text as sort_key, p.platform, p.account_id, p.account, p.brand, p.client, p.class,
      left(coalesce(nullif(p.title, ''), p.body), 300) as title, p.permalink, p.published_at, p.views, p.likes, p.comments, p.shares, p.saves, p.engagement,
      p.engagement_rate, p.engagement_by_followers, m.url, m.is_fresh, m.content_key, app_now() as now
    from found f join report.posts p on p.post_id = f.id ${pictureOf(sql`p.post_id`)}
    order by ${outer}`)
}
