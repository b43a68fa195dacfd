import type { Queryable } from './pool.ts'
import { sql } from './sql.ts'

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
  await tx.rows(sql`delete from post_metrics where post_id = any(${ids}::bigint[])`)
  const gone = await tx.rows(sql`delete from posts where id = any(${ids}::bigint[]) returning id`)
  await deleteUnwantedJobs(
    tx,
    jobs.map((job) => job.id),
  )
  return gone.length
}

/** Of the contents of these jobs, those that nobody waits for or shows any more: every attempt and what was found. */
async function deleteUnwantedJobs(tx: Queryable, jobIds: readonly string[]): Promise<void> {
  if (jobIds.length === 0) return
  const held = await tx.rows<{ id: string }>(sql`
    select k.id from ml_jobs k where (k.input_key, k.kind) in (
      select input_key, kind from ml_jobs where id = any(${[...jobIds]}::bigint[]))
    order by k.id for update`)
  const ids = held.map((job) => job.id)
  const unwanted = await tx.rows<{ input_key: string; kind: string }>(sql`
    select input_key, kind from ml_jobs j where id = any(${ids}::bigint[]) group by input_key, kind
    having not exists (
      select from ml_job_targets t join ml_jobs w on w.id = t.ml_job_id
      where w.input_key = j.input_key and w.kind = j.kind)`)
  const keys = unwanted.map(({ input_key }) => input_key)
  await tx.rows(sql`delete from annotations where input_key = any(${keys}::text[])`)
  await tx.rows(
    sql`delete from ml_jobs where id = any(${ids}::bigint[]) and input_key = any(${keys}::text[])`,
  )
}
