import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

/** A brand, and how many posts name it. */
export interface BrandLine {
  readonly id: string
  readonly name: string
  readonly aliases: readonly string[]
  /** Posts whose title or body names it, and posts of which something that models found does; at most so many are counted. */
  readonly captions: number
  readonly finds: number
  /** All that is on record is looked through for it. */
  readonly is_looked_through: boolean
}

const mostCounted = 10_000

/** Brands in the order they were saved. */
export const listBrands = (db: Queryable, after: string, limit: number) =>
  db.rows<BrandLine>(sql`
    select b.id, b.name, b.aliases, b.posts_after is null and b.finds_after is null as is_looked_through,
      (select count(*)::int from (select from caption_brands c where c.brand_id = b.id limit ${mostCounted}) c) as captions,
      (select count(distinct post_id)::int from (
        select o.post_id from (select content_key from ml_find_brands where brand_id = b.id limit ${mostCounted}) f
        cross join lateral (
          select id as post_id from posts where text_key = f.content_key
          union all select post_id from post_media where content_key = f.content_key) o
        limit ${mostCounted}) f) as finds
    from brands b where b.id > ${after}::bigint order by b.id limit ${limit}`)
