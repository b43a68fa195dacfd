import type { Platform } from '../../../model/account.ts'
import type { Queryable } from '../../pool.ts'
import { isBrandReached, type Reach } from '../../reach.ts'
import { sql } from '../../sql.ts'
import { type PictureFacts, resolved } from './posts.ts'

/** What was found in a post, as people look at it. */
export interface PostFinds {
  /** What its pictures show; the surest of each name. */
  readonly labels: readonly { readonly name: string; readonly score: number | null }[]
  /** Words that stand in its pictures. */
  readonly words: readonly string[]
  /** The mood of its text, from -1 to 1. null: no model says. */
  readonly sentiment: number | null
  /** How surely a picture is not safe for work, from 0 to 1. null: no model says. */
  readonly nsfw: number | null
  readonly named: readonly {
    readonly brand: string
    readonly source: string
    readonly seen_as: string | null
    readonly evidence: string | null
    readonly score: number | null
  }[]
}

/** What was found in the text and the pictures of a post. */
export async function findsOf(db: Queryable, postId: string, reach: Reach): Promise<PostFinds> {
  const found = (what: string) => sql`
    from post_finds where post_id = ${postId} and what = ${what}`
  const [row] = await db.rows<{ finds: string }>(sql`
    select json_build_object(
      'labels', (select coalesce(json_agg(json_build_object('name', name, 'score', score) order by score desc nulls last, name), '[]') from (
        select name_norm as name, max(score) as score ${found('label')} group by 1 order by 2 desc nulls last, 1 limit 20) l),
      'words', (select coalesce(json_agg(name order by name), '[]') from (select distinct name ${found('text')} limit 50) w),
      'sentiment', (select avg(score) ${found('sentiment')}),
      'nsfw', (select max(score) ${found('nsfw')}),
      'named', (select coalesce(json_agg(json_build_object('brand', brand, 'source', source, 'seen_as', seen_as, 'evidence', evidence, 'score', score)
          order by brand, source, seen_as, evidence), '[]') from (
        select brand, source, seen_as, evidence, max(score) as score from report.brand_mentions
        where post_id = ${postId} and ${isBrandReached(reach, sql`brand_id`)} group by 1, 2, 3, 4) b)
    )::text as finds`)
  return JSON.parse(row?.finds ?? '{}') as PostFinds
}

/** The pictures of a post, its cover first; covers of videos, and no videos. */
export const picturesOf = (db: Queryable, postId: string) =>
  db.rows<PictureFacts & { readonly platform: Platform; readonly id: string }>(sql`
    select m.id, p.platform, m.url, ${resolved(sql`m`)} as content_key, app_now() as now,
      m.url is not null and (m.url_expires_at is null or m.url_expires_at > app_now() + interval '2 minutes') as is_fresh
    from post_media m join posts p on p.id = m.post_id where m.post_id = ${postId} and m.kind = 'image'
    order by m.role in ('cover', 'thumbnail') desc, m.position, m.id limit 20`)
