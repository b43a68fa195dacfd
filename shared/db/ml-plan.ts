import type { MlInput, MlKind } from '../model/ml-job.ts'
import type { Queryable } from './pool.ts'
import { raw, rowsParam, sql } from './sql.ts'

/** A job that a post deserves: its content, and who waits. */
export interface WantedJob {
  readonly input_key: string
  readonly kind: MlKind
  readonly model: string
  readonly input: MlInput
  readonly post_id: string
  readonly media_id: string | null
  readonly sync_task_id: string
  /** Trace of the page that plans it. */
  readonly traceparent: string | null
}

/**
 * Plans jobs for contents never seen, and hangs every wanting post on the newest attempt of its content. Of rewritten
 * posts, targets of these models whose content the post has no more are let go, and a job not sent yet that nobody
 * waits for any more is cancelled, so that it is not paid for.
 */
export async function planJobs(
  tx: Queryable,
  wanted: readonly WantedJob[],
  rewritten: readonly string[],
  models: readonly string[],
): Promise<void> {
  if (wanted.length === 0 && rewritten.length === 0) return
  const keys = rowsParam(wanted.map(({ input, ...key }) => key))
  await holdJobs(tx, wanted, keys, rewritten)
  if (wanted.length > 0) await hangTargets(tx, keys)
  if (rewritten.length === 0) return
  const left = await tx.rows<{ id: string }>(sql`
    delete from ml_job_targets t using ml_jobs j
    where j.id = t.ml_job_id and t.post_id = any(${[...rewritten]}::bigint[]) and j.model = any(${[...models]}::text[])
      and not exists (
        select from json_to_recordset(${keys}::json) as r(input_key text, kind text, post_id bigint, media_id bigint)
        where r.post_id = t.post_id and r.media_id is not distinct from t.media_id and r.kind = j.kind
          and r.input_key = j.input_key)
    returning j.id`)
  await tx.rows(sql`
    update ml_jobs j set status = 'cancelled', finished_at = app_now()
    where j.id = any(${left.map((job) => job.id)}::bigint[]) and j.status = 'planned'
      and not exists (select from ml_job_targets t where t.ml_job_id = j.id)`)
}

const keyOf = (job: { input_key: string; kind: string; model: string }) =>
  `${job.input_key} ${job.kind} ${job.model}`

/**
 * Makes the jobs that are not there yet, or whose newest attempt was cancelled, and holds all attempts against being
 * replaced, so that no target stays behind on a closed one; also those that rewritten posts wait for. One that is
 * cancelled or removed at this moment is made again.
 */
async function holdJobs(
  tx: Queryable,
  wanted: readonly WantedJob[],
  keys: string,
  rewritten: readonly string[],
): Promise<void> {
  const strength = raw(rewritten.length > 0 ? 'no key update' : 'share')
  const missing = new Map(wanted.map((job) => [keyOf(job), job]))
  do {
    await tx.rows(sql`
      insert into ml_jobs (input_key, kind, model, input, traceparent, attempt_no)
      select r.input_key, r.kind, r.model, r.input, r.traceparent, coalesce(newest.attempt_no, 0) + 1
      from json_to_recordset(${rowsParam([...missing.values()])}::json)
        as r(input_key text, kind text, model text, input jsonb, traceparent text)
      left join lateral (
        select j.status, j.attempt_no from ml_jobs j
        where j.input_key = r.input_key and j.kind = r.kind and j.model = r.model
        order by j.attempt_no desc limit 1
      ) newest on true
      where coalesce(newest.status, 'cancelled') = 'cancelled'
      order by r.input_key, r.kind, r.model
      on conflict do nothing`)
    const held = await tx.rows<{ input_key: string; kind: string; model: string; status: string }>(sql`
      select j.input_key, j.kind, j.model, j.status from ml_jobs j
      where (j.input_key, j.kind, j.model) in (
        select r.input_key, r.kind, r.model
        from json_to_recordset(${keys}::json) as r(input_key text, kind text, model text))
        or j.id in (select ml_job_id from ml_job_targets where post_id = any(${[...rewritten]}::bigint[]))
      order by j.id for ${strength} of j`)
    // Attempts come in the order of their ids, so the newest one speaks last.
    const newest = new Map(held.map((job) => [keyOf(job), job.status]))
    for (const [key, status] of newest) if (status !== 'cancelled') missing.delete(key)
  } while (missing.size > 0)
}

async function hangTargets(tx: Queryable, keys: string): Promise<void> {
  await tx.rows(sql`
    insert into ml_job_targets (ml_job_id, post_id, media_id, sync_task_id)
    select newest.id, r.post_id, r.media_id, r.sync_task_id
    from json_to_recordset(${keys}::json) as r(input_key text, kind text, model text, post_id bigint, media_id bigint,
      sync_task_id bigint)
    cross join lateral (
      select j.id from ml_jobs j where j.input_key = r.input_key and j.kind = r.kind and j.model = r.model
      order by j.attempt_no desc limit 1
    ) newest
    order by 1, 2, 3, 4
    on conflict do nothing`)
}
