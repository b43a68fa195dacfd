import type { Hashtag, Medium, Mention } from '../../model/post.ts'
import { columns } from '../columns.ts'
import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

type OfPost<Child> = Child & { readonly post_id: string }

/** Children rows of rewritten posts, each with its post_id. */
export interface Children {
  readonly media: readonly OfPost<StorableMedium>[]
  readonly hashtags: readonly OfPost<Hashtag>[]
  readonly mentions: readonly OfPost<Mention>[]
}
type StorableMedium = Omit<Medium, 'identity'>

const place = columns<OfPost<Pick<Medium, 'role' | 'position'>>>({
  post_id: 'bigint',
  role: 'text',
  position: 'int',
})
const mediumContent = columns<Omit<StorableMedium, 'role' | 'position'>>({
  native_id: 'text',
  kind: 'text',
  url: 'text',
  url_expires_at: 'timestamptz',
  width: 'int',
  height: 'int',
  duration_ms: 'bigint',
})
const medium = place.and(mediumContent)
const hashtag = columns<OfPost<Hashtag>>({
  post_id: 'bigint',
  source: 'text',
  position: 'int',
  tag: 'text',
  tag_norm: 'text',
})
const mention = columns<OfPost<Mention>>({
  post_id: 'bigint',
  source: 'text',
  position: 'int',
  handle: 'text',
  handle_norm: 'text',
})

export interface StoredMedium {
  readonly id: string
  readonly post_id: string
  readonly role: string
  readonly position: number
}

/**
 * Replaces media, hashtags and mentions of posts as sets. A medium that stays in its place keeps its id, since ML jobs
 * point at it. `known` are posts that may have children already. Returns the media.
 */
export async function replaceChildren(
  tx: Queryable,
  known: readonly string[],
  children: Children,
): Promise<StoredMedium[]> {
  if (known.length > 0) await removeOld(tx, known, children.media)
  const media = await upsertMedia(tx, children.media)
  await insertHashtags(tx, children.hashtags)
  await insertMentions(tx, children.mentions)
  return media
}

async function removeOld(tx: Queryable, postIds: readonly string[], media: Children['media']): Promise<void> {
  await tx.rows(sql`
    delete from post_media m where m.post_id = any(${[...postIds]}::bigint[]) and not exists (
      select from ${place.rows(media)}
      where r.post_id = m.post_id and r.role = m.role and r.position = m.position)`)
  await tx.rows(sql`delete from post_hashtags where post_id = any(${[...postIds]}::bigint[])`)
  await tx.rows(sql`delete from post_mentions where post_id = any(${[...postIds]}::bigint[])`)
}

async function upsertMedia(tx: Queryable, media: Children['media']): Promise<StoredMedium[]> {
  if (media.length === 0) return []
  return tx.rows<StoredMedium>(sql`
    insert into post_media (${medium.list}) select ${medium.of('r')} from ${medium.rows(media)}
    order by post_id, role, position
    on conflict (post_id, role, position) do update set ${mediumContent.setFrom('excluded')}
    returning id, post_id, role, position`)
}

async function insertHashtags(tx: Queryable, hashtags: Children['hashtags']): Promise<void> {
  if (hashtags.length === 0) return
  await tx.rows(sql`
    insert into post_hashtags (${hashtag.list}) select ${hashtag.of('r')} from ${hashtag.rows(hashtags)}
    order by post_id, source, position`)
}

async function insertMentions(tx: Queryable, mentions: Children['mentions']): Promise<void> {
  if (mentions.length === 0) return
  await tx.rows(sql`
    insert into post_mentions (${mention.list}) select ${mention.of('r')} from ${mention.rows(mentions)}
    order by post_id, source, position`)
}
