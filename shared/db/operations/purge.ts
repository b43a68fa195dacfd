import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

/**
 * Deletes posts with all that hangs on them, in post order; and the ML jobs and annotations of contents that no other
 * post has, since they hold the content. Returns how many posts.
 */
export async function deletePosts(tx: Queryable, postIds: readonly string[]): Promise<number> {
  if (postIds.length === 0) return 0
  const ids = [...postIds]
  await tx.rows(
    sql`select from post_latest where post_id = any(${ids}::bigint[]) order by post_id for update`,
  )
  const jobs = await tx.rows<{ id: string }>(sql`
    select distinct ml_job_id as id from ml_job_targets where post_id = any(${ids}::bigint[])`)
  const held = await holdContents(
    tx,
    jobs.map((job) => job.id),
  )
  await tx.rows(sql`delete from post_metrics where post_id = any(${ids}::bigint[])`)
  const gone = await tx.rows(sql`delete from posts where id = any(${ids}::bigint[]) returning id`)
  await deleteUnwanted(tx, held)
  return gone.length
}

/**
 * Deletes jobs final for a day or more, so many at most, that no task waits for and no post shows: of a text that was
 * edited, a picture that was replaced. They hold what their post has no more. Returns how many.
 */
export async function deleteLeftJobs(tx: Queryable, limit: number): Promise<number> {
  const left = await tx.rows<{ id: string }>(sql`
    select j.id from ml_jobs j where j.finished_at < app_now() - interval '1 day'
      and not exists (
        select from ml_jobs w join ml_job_targets t on t.ml_job_id = w.id where w.input_key = j.input_key and w.kind = j.kind)
    limit ${limit}`)
  const held = await holdContents(
    tx,
    left.map((job) => job.id),
  )
  return deleteUnwanted(tx, held)
}

/** Locks every attempt at the contents of these jobs, in id order. */
async function holdContents(tx: Queryable, jobIds: readonly string[]): Promise<string[]> {
  if (jobIds.length === 0) return []
  const held = await tx.rows<{ id: string }>(sql`
    select k.id from ml_jobs k where (k.input_key, k.kind) in (
      select input_key, kind from ml_jobs where id = any(${[...jobIds]}::bigint[]))
    order by k.id for update`)
  return held.map((job) => job.id)
}

/** Of these contents, those that no task waits for and no post shows: every attempt, also one made since, and what was found. */
async function deleteUnwanted(tx: Queryable, heldIds: readonly string[]): Promise<number> {
  if (heldIds.length === 0) return 0
  const ids = [...heldIds]
  const unwanted = await tx.rows<{ input_key: string }>(sql`
    select j.input_key from ml_jobs j where j.id = any(${ids}::bigint[]) group by j.input_key
    having not exists (
      select from ml_job_targets t join ml_jobs w on w.id = t.ml_job_id where w.input_key = j.input_key)`)
  const keys = unwanted.map(({ input_key }) => input_key)
  await tx.rows(sql`delete from annotations where input_key = any(${keys}::text[])`)
  const gone = await tx.rows(sql`
    delete from ml_jobs where input_key = any(${keys}::text[]) returning id`)
  return gone.length
}
