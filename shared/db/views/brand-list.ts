import type { Queryable } from '../pool.ts'
import { isReached, type Reach, reaches } from '../reach.ts'
import { type Sql, sql } from '../sql.ts'

/** A brand, and how many posts name it. */
export interface BrandLine {
  readonly id: string
  readonly name: string
  readonly aliases: readonly string[]
  /** What it is called on platforms, and its accounts that are followed, as `platform:handle`. */
  readonly handles: readonly string[]
  readonly accounts: readonly string[]
  /** Posts whose title or body names it, and posts of which something that models found does; at most so many are counted. */
  readonly captions: number
  readonly finds: number
  /** All that is on record is looked through for it. */
  readonly is_looked_through: boolean
}

const mostCounted = 10_000

const isPostReached = (reach: Reach, post: Sql) =>
  reach === null
    ? sql`true`
    : sql`exists (select from posts shown where shown.id = ${post} and ${reaches(reach, sql`shown.account_id`)})`

const hasAccount = (reach: Reach) =>
  reach === null
    ? sql`true`
    : sql`exists (select from accounts a where a.brand_id = b.id and ${isReached(reach, sql`a`)})`

/** Brands in the order they were saved: all, or those with accounts within reach, counted in posts within reach. */
export const listBrands = (
  db: Queryable,
  after: string,
  limit: number,
  { reach, counts }: { readonly reach: Reach; readonly counts: boolean },
) =>
  db.rows<BrandLine>(sql`
    select b.id, b.name, b.aliases,
      array(select platform || ':' || handle from brand_handles h where h.brand_id = b.id order by 1) as handles,
      array(select platform || ':' || coalesce(handle, native_id) from accounts a where a.brand_id = b.id
        and a.status not in ('unfollowed', 'erased') and ${isReached(reach, sql`a`)} order by 1 limit 100) as accounts, b.posts_after is null and b.finds_after is null as is_looked_through,
      case when ${counts} then (select count(*)::int from (select from caption_brands c where c.brand_id = b.id and ${isPostReached(reach, sql`c.post_id`)} limit ${mostCounted}) c) else 0 end as captions,
      case when ${counts} then (select count(distinct post_id)::int from (
        select o.post_id from (select content_key from ml_find_brands where brand_id = b.id limit ${mostCounted}) f
        cross join lateral (
          select id as post_id from posts where text_key = f.content_key
          union all select post_id from post_media where content_key = f.content_key) o
        where ${isPostReached(reach, sql`o.post_id`)} limit ${mostCounted}) f) else 0 end as finds
    from brands b where b.id > ${after}::bigint and ${hasAccount(reach)} order by b.id limit ${limit}`)
