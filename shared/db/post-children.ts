import type { Queryable } from './pool.ts'
import { rowsParam, sql } from './sql.ts'

/** Children rows of rewritten posts, each with its post_id. */
export interface Children {
  readonly media: readonly object[]
  readonly hashtags: readonly object[]
  readonly mentions: readonly object[]
}

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

async function removeOld(tx: Queryable, postIds: readonly string[], media: readonly object[]): Promise<void> {
  await tx.rows(sql`
    delete from post_media m where m.post_id = any(${[...postIds]}::bigint[]) and not exists (
      select from json_to_recordset(${rowsParam(media)}::json) as r(post_id bigint, role text, position int)
      where r.post_id = m.post_id and r.role = m.role and r.position = m.position)`)
  await tx.rows(sql`delete from post_hashtags where post_id = any(${[...postIds]}::bigint[])`)
  await tx.rows(sql`delete from post_mentions where post_id = any(${[...postIds]}::bigint[])`)
}

async function upsertMedia(tx: Queryable, media: readonly object[]): Promise<StoredMedium[]> {
  if (media.length === 0) return []
  return tx.rows<StoredMedium>(sql`
    insert into post_media (post_id, role, position, native_id, kind, url, url_expires_at, width, height, duration_ms)
    select * from json_to_recordset(${rowsParam(media)}::json) as r(post_id bigint, role text, position int,
      native_id text, kind text, url text, url_expires_at timestamptz, width int, height int, duration_ms bigint)
    order by post_id, role, position
    on conflict (post_id, role, position) do update set (native_id, kind, url, url_expires_at, width, height, duration_ms)
      = (excluded.native_id, excluded.kind, excluded.url, excluded.url_expires_at, excluded.width, excluded.height,
         excluded.duration_ms)
    returning id, post_id, role, position`)
}

async function insertHashtags(tx: Queryable, hashtags: readonly object[]): Promise<void> {
  if (hashtags.length === 0) return
  await tx.rows(sql`
    insert into post_hashtags (post_id, source, position, tag, tag_norm)
    select * from json_to_recordset(${rowsParam(hashtags)}::json)
      as r(post_id bigint, source text, position int, tag text, tag_norm text)
    order by post_id, source, position`)
}

async function insertMentions(tx: Queryable, mentions: readonly object[]): Promise<void> {
  if (mentions.length === 0) return
  await tx.rows(sql`
    insert into post_mentions (post_id, source, position, handle, handle_norm)
    select * from json_to_recordset(${rowsParam(mentions)}::json)
      as r(post_id bigint, source text, position int, handle text, handle_norm text)
    order by post_id, source, position`)
}
