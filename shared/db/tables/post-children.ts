import type { Hashtag, Medium, Mention } from '../../model/post.ts'
import { columns } from '../columns.ts'
import type { Queryable, Transaction } from '../pool.ts'
import { sql } from '../sql.ts'
import { isAwaited } from './ml-jobs/contents.ts'

type OfPost<Child> = Child & { readonly post_id: string }

/** Children rows of rewritten posts, each with its post_id. */
export interface Children {
  readonly media: readonly OfPost<StorableMedium>[]
  readonly hashtags: readonly OfPost<Hashtag>[]
  readonly mentions: readonly OfPost<Mention>[]
}
export type StorableMedium = Omit<Medium, 'identity'> & {
  /** Its content, where a model looks at it. */
  readonly content_key: string | null
}

const place = columns<OfPost<Pick<Medium, 'role' | 'position'>>>({
  post_id: 'bigint',
  role: 'text',
  position: 'int',
})
const mediumContent = columns<Omit<StorableMedium, 'role' | 'position' | 'content_key'>>({
  native_id: 'text',
  kind: 'text',
  url: 'text',
  url_expires_at: 'timestamptz',
  width: 'int',
  height: 'int',
  duration_ms: 'bigint',
})
const medium = place
  .and(mediumContent)
  .and(columns<Pick<StorableMedium, 'content_key'>>({ content_key: 'uuid' }))
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

/**
 * Replaces media, hashtags and mentions of posts as sets. A medium that stays in its place keeps its id.
 * `known` are posts that may have children already.
 */
export async function replaceChildren(
  tx: Transaction,
  known: readonly string[],
  children: Children,
): Promise<void> {
  const isKnown = new Set(known)
  if (known.length > 0) await removeOld(tx, known, children.media)
  await upsertMedia(
    tx,
    children.media.filter(({ post_id }) => isKnown.has(post_id)),
  )
  const made = children.media.filter(({ post_id }) => !isKnown.has(post_id))
  if (made.length > 0) await tx.copy(medium.newRows('post_media', made))
  if (children.hashtags.length > 0) await tx.copy(hashtag.newRows('post_hashtags', children.hashtags))
  if (children.mentions.length > 0) await tx.copy(mention.newRows('post_mentions', children.mentions))
}

async function removeOld(tx: Queryable, postIds: readonly string[], media: Children['media']): Promise<void> {
  await tx.rows(sql`
    delete from post_media m where m.post_id = any(${[...postIds]}::bigint[]) and not exists (
      select from ${place.rows(media)}
      where r.post_id = m.post_id and r.role = m.role and r.position = m.position)`)
  await tx.rows(sql`delete from post_hashtags where post_id = any(${[...postIds]}::bigint[])`)
  await tx.rows(sql`delete from post_mentions where post_id = any(${[...postIds]}::bigint[])`)
}

/** Links are signed again in each answer. */
const isSamePicture = sql`(m.native_id = excluded.native_id or split_part(m.url, '?', 1) = split_part(excluded.url, '?', 1))`

/** Where models are not to look at it now, the same picture keeps its key, and what was found in it. */
async function upsertMedia(tx: Queryable, media: Children['media']): Promise<void> {
  if (media.length === 0) return
  await tx.rows(sql`
    insert into post_media as m (${medium.list}) select ${medium.of('r')} from ${medium.rows(media)}
    order by post_id, role, position
    on conflict (post_id, role, position) do update set ${mediumContent.setFrom('excluded')},
      content_key = coalesce(excluded.content_key, case when ${isSamePicture} then m.content_key end)`)
}

/** A picture as an answer shows it, whose link ends. */
export interface SeenLink extends OfPost<Pick<Medium, 'role' | 'position'>> {
  readonly url: string
  readonly url_expires_at: Date
}

const seenLink = place.and(
  columns<Pick<SeenLink, 'url' | 'url_expires_at'>>({ url: 'text', url_expires_at: 'timestamptz' }),
)

/** Notes newer links of pictures that open ML jobs are about; all others are left alone, since every answer signs them again. */
export async function freshenLinks(tx: Queryable, links: readonly SeenLink[]): Promise<void> {
  if (links.length === 0) return
  await tx.rows(sql`
    update post_media m set url = r.url, url_expires_at = r.url_expires_at from ${seenLink.rows(links)}
    where m.post_id = r.post_id and m.role = r.role and m.position = r.position and m.content_key is not null
      and m.url_expires_at < r.url_expires_at
      and exists (select from ml_jobs j where j.content_key = m.content_key and ${isAwaited})`)
}
