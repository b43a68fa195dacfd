import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'
import { forgetPictures } from '../tables/known-pictures.ts'
import { doomCopies } from '../tables/media-copies.ts'
import { isWanted } from '../tables/ml-jobs/contents.ts'
import { holdDays } from '../tables/report-settings.ts'
import { bringOverPosts } from './bring-over.ts'

/**
 * Deletes posts with all that hangs on them, in post order; and the ML jobs and annotations of contents that no other
 * post has. Returns how many posts.
 */
export async function deletePosts(tx: Queryable, postIds: readonly string[]): Promise<number> {
  if (postIds.length === 0) return 0
  const ids = [...postIds]
  await tx.rows(
    sql`select from post_latest where post_id = any(${ids}::bigint[]) order by post_id for update`,
  )
  await holdDays(tx, 'to delete')
  await bringOverPosts(tx, ids)
  const contents = await tx.rows<{ key: string }>(sql`
    select text_key as key from posts where id = any(${ids}::bigint[]) and text_key is not null
    union select content_key from post_media where post_id = any(${ids}::bigint[]) and content_key is not null`)
  await tx.rows(sql`delete from post_metrics where post_id = any(${ids}::bigint[])`)
  const gone = await tx.rows(sql`delete from posts where id = any(${ids}::bigint[]) returning id`)
  await deleteUnwanted(
    tx,
    contents.map(({ key }) => key),
  )
  return gone.length
}

/**
 * Looks through so many jobs after this one in id order, and deletes those final for a day or more whose content no post has: of a
 * text that was edited, a picture that was replaced. Returns how many went, and the last job; null: there was none.
 */
export async function deleteLeftJobs(
  tx: Queryable,
  afterId: string,
  limit: number,
): Promise<{ count: number; last: string | null }> {
  const [found] = await tx.rows<{ last: string | null; keys: string[] }>(sql`
    with next as materialized (
      select id, content_key, finished_at from ml_jobs where id > ${afterId}::bigint order by id limit ${limit}
    )
    select (select max(id) from next) as last, array(
      select distinct j.content_key::text from next j where j.finished_at < app_now() - interval '1 day' and not ${isWanted}) as keys`)
  return { count: await deleteUnwanted(tx, found?.keys ?? []), last: found?.last ?? null }
}

/**
 * Of these contents, those that no post has: every attempt, also one made since, and what was found. The attempts are locked
 * in id order before posts are looked for: a post that gets the content at this moment is seen, or asks for a new job.
 */
async function deleteUnwanted(tx: Queryable, contentKeys: readonly string[]): Promise<number> {
  if (contentKeys.length === 0) return 0
  const asked = [...contentKeys]
  await tx.rows(sql`select from ml_jobs where content_key = any(${asked}::uuid[]) order by id for update`)
  const unwanted = await tx.rows<{ key: string }>(sql`
    select j.content_key as key from unnest(${asked}::uuid[]) j(content_key) where not ${isWanted}`)
  const keys = unwanted.map(({ key }) => key)
  // In this order: what writes finds holds the annotation.
  await tx.rows(sql`delete from annotations where content_key = any(${keys}::uuid[])`)
  await doomCopies(tx, keys)
  await forgetPictures(tx, keys)
  await tx.rows(sql`delete from ml_find_brands where content_key = any(${keys}::uuid[])`)
  await tx.rows(sql`delete from ml_finds where content_key = any(${keys}::uuid[])`)
  const gone = await tx.rows(sql`
    delete from ml_jobs where content_key = any(${keys}::uuid[]) returning id`)
  return gone.length
}
