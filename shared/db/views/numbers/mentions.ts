import { normOf } from '../../../model/brand.ts'
import type { Queryable } from '../../pool.ts'
import { isBrandReached, type Reach } from '../../reach.ts'
import { sql } from '../../sql.ts'
import { orderedBy, type Sort } from '../sorted.ts'
import { type PictureFacts, pictureOf } from './posts.ts'
import { type Range, rangeOf } from './range.ts'

/** A post that mentions a brand, with all ways in which it was found. */
export interface Mention extends PictureFacts {
  /** The post. */
  readonly id: string
  readonly sort_key: string | null
  readonly account_id: string
  readonly account: string
  readonly client: string | null
  readonly is_own: boolean
  readonly published_at: Date
  readonly permalink: string | null
  readonly text: string | null
  readonly sources: readonly string[]
  /** Whether a picture has its name in words, or its logo. */
  readonly seen_as: readonly string[]
  /** The words by which it was found. */
  readonly evidence: readonly string[]
  /** How sure the surest model is. null: no model said so. */
  readonly score: number | null
}

export interface MentionFilter extends Range {
  readonly brand_id: string
  readonly source?: string | undefined
  /** Whether posts of the brand's own accounts are wanted too. */
  readonly own: boolean
  readonly client?: string | undefined
  readonly platform?: string | undefined
  readonly reach: Reach
}

/** A brand within reach by its name as it is compared, else by an alias. */
export async function brandCalled(db: Queryable, name: string, reach: Reach) {
  const [brand] = await db.rows<{ id: string; name: string }>(sql`
    select id, name from brands b where (name_norm = ${normOf(name)} or ${name} = any(aliases)) and ${isBrandReached(reach, sql`b.id`)}
    order by name_norm = ${normOf(name)} desc limit 1`)
  return brand
}

const newest = { published_at: { by: sql`m.published_at`, type: sql`timestamptz`, fits: /^/ } }

/** Posts that mention a brand, the newest first, and one more than asked for. */
export function mentionsOf(
  db: Queryable,
  { brand_id, source, own, client, platform, reach, ...range }: MentionFilter,
  after: Sort['after'],
  limit: number,
): Promise<Mention[]> {
  const { isAfter, order, outer } = orderedBy(
    { by: 'published_at', isDescending: true, after },
    newest,
    sql`m.post_id`,
  )
  return db.rows<Mention>(sql`
    with ${rangeOf(range)}, found as (
      select m.post_id as id, m.published_at as sort_key, m.platform, m.account_id, m.account, m.client, m.is_own, m.permalink,
        array_agg(distinct m.source) as sources, coalesce(array_agg(distinct m.seen_as) filter (where m.seen_as is not null), '{}') as seen_as,
        coalesce(array_agg(distinct m.evidence) filter (where m.evidence is not null), '{}') as evidence, max(m.score) as score,
        coalesce(array_agg(m.media_id) filter (where m.media_id is not null), '{}') as media
      from report.brand_mentions m cross join r
      where m.brand_id = ${brand_id}::bigint and m.published_at >= r.since and m.published_at < r.until and ${isAfter}
        and ${reach === null ? sql`true` : sql`m.client_id = any(${[...reach]}::bigint[])`}
        and (${own} or not m.is_own) and (${source ?? null}::text is null or m.source = ${source ?? null})
        and ${client === undefined ? sql`true` : sql`m.client_id = (select id from clients where name_norm = ${normOf(client)})`}
        and (${platform ?? null}::text is null or m.platform = ${platform ?? null})
      group by 1, 2, 3, 4, 5, 6, 7, 8 order by ${order} limit ${limit + 1}
    )
    select f.id, f.sort_key::text as sort_key, f.platform, f.account_id, f.account, f.client, f.is_own, f.sort_key as published_at, f.permalink,
      left(case when starts_with(p.body, p.title) then p.body else concat_ws(E'\\n', nullif(p.title, ''), nullif(p.body, '')) end, 300) as text, f.sources, f.seen_as, f.evidence, f.score,
      m.url, m.is_fresh, m.content_key, app_now() as now
    from found f join posts p on p.id = f.id ${pictureOf(sql`f.id`, sql`f.media`)}
    order by ${outer}`)
}
