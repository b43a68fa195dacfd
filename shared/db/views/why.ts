import { hasBody } from '../body-store.ts'
import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'
import { contentsOf, isNewest } from '../tables/ml-jobs/contents.ts'

/** An answer that gave something of a post. */
export interface PostSource {
  readonly page_id: string
  readonly endpoint: string
  readonly fetched_at: Date
  readonly transform_version: number | null
  /** Whether the fields on record are from this answer; whether a point of its history is. */
  readonly gave_content: boolean
  readonly gave_numbers: boolean
  readonly sync_task_id: string
  readonly syncs: readonly string[]
  readonly traceparent: string | null
  readonly has_body: boolean
}

/** The newest ML job of a content that a post has. */
export interface JobFor {
  readonly id: string
  readonly kind: string
  readonly model: string
  readonly model_version: string | null
  readonly attempt_no: number
  readonly status: string
  readonly parked: boolean
  readonly provider_job_id: string | null
  readonly created_at: Date
  readonly submitted_at: Date | null
  readonly finished_at: Date | null
  readonly error: string | null
  readonly traceparent: string | null
  readonly has_result: boolean
}

/**
 * The answers that a post's row and history come from, the newest first, fifty at most. Numbers are matched by the time of the
 * answer: two answers of one account at the same millisecond are both named.
 */
export const sourcesOf = (db: Queryable, postId: string) =>
  db.rows<PostSource>(sql`
    with post as (
      select o.id, o.account_id, o.raw_page_id, l.observed_at from posts o join post_latest l on l.post_id = o.id where o.id = ${postId}
    ), points as (
      select observed_at from post_metrics where post_id = ${postId} order by observed_at desc limit 50
    )
    select p.id as page_id, p.endpoint, p.fetched_at, p.transform_version, p.id = post.raw_page_id as gave_content,
      p.fetched_at in (select observed_at from points) as gave_numbers, p.sync_task_id, p.traceparent,
      coalesce((select array_agg(sync_job_id::text order by sync_job_id) from sync_job_tasks j where j.sync_task_id = p.sync_task_id), '{}') as syncs,
      ${hasBody} as has_body
    from post join raw_pages p on p.account_id = post.account_id and p.status = 'transformed'
      and (p.id = post.raw_page_id or p.fetched_at = post.observed_at or p.fetched_at in (select observed_at from points))
    order by p.fetched_at desc, p.id desc limit 50`)

/** ML jobs of what a post has. */
export const jobsFor = (db: Queryable, postId: string) =>
  db.rows<JobFor>(sql`
    select j.id, j.kind, j.model, j.model_version, j.attempt_no, j.status, j.parked, j.provider_job_id, j.created_at,
      j.submitted_at, j.finished_at, j.error ->> 'message' as error,
      (select p.traceparent from raw_pages p where p.id = j.raw_page_id) as traceparent,
      exists (select from annotations a where a.content_key = j.content_key and a.kind = j.kind
        and a.model_version = j.model_version) as has_result
    from (${contentsOf(sql`${postId}`)}) c join ml_jobs j on j.content_key = c.content_key and ${isNewest} order by j.id`)
