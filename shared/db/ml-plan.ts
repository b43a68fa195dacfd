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
  const newest = await holdJobs(tx, wanted, keys, rewritten)
  await hangTargets(
    tx,
    wanted.map((job) => ({ ...job, input: undefined, ml_job_id: newest.get(keyOf(job)) })),
  )
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

interface HeldJob {
  readonly id: string
  readonly input_key: string
  readonly kind: string
  readonly model: string
  readonly status: string
  readonly attempt_no: number
}

/**
 * Holds the jobs of these contents against being replaced, so that no target stays behind on a closed one, also those
 * that rewritten posts wait for; and makes the ones that are not there yet, or whose newest attempt was cancelled.
 * One that is made, cancelled or removed elsewhere at this moment is looked at again. Returns the newest attempts.
 */
async function holdJobs(
  tx: Queryable,
  wanted: readonly WantedJob[],
  keys: string,
  rewritten: readonly string[],
): Promise<Map<string, string>> {
  const strength = raw(rewritten.length > 0 ? 'no key update' : 'share')
  const newest = new Map<string, string>()
  const missing = new Map(wanted.map((job) => [keyOf(job), job]))
  do {
    const held = await tx.rows<HeldJob>(sql`
      select j.id, j.input_key, j.kind, j.model, j.status, j.attempt_no from ml_jobs j
      where (j.input_key, j.kind, j.model) in (
        select r.input_key, r.kind, r.model
        from json_to_recordset(${keys}::json) as r(input_key text, kind text, model text))
        or j.id in (select ml_job_id from ml_job_targets where post_id = any(${[...rewritten]}::bigint[]))
      order by j.id for ${strength} of j`)
    // Attempts come in the order of their ids, so the newest one speaks last.
    const last = new Map(held.map((job) => [keyOf(job), job]))
    for (const [key, { id, status }] of last) {
      if (status !== 'cancelled' && missing.delete(key)) newest.set(key, id)
    }
    const attempt = (key: string) => (last.get(key)?.attempt_no ?? 0) + 1
    const made = await makeJobs(
      tx,
      [...missing].map(([key, job]) => ({ ...job, attempt_no: attempt(key) })),
    )
    for (const job of made) {
      missing.delete(keyOf(job))
      newest.set(keyOf(job), job.id)
    }
  } while (missing.size > 0)
  return newest
}

/** Makes these attempts; one that another transaction makes at this moment is left to it. */
async function makeJobs(
  tx: Queryable,
  jobs: readonly (WantedJob & { readonly attempt_no: number })[],
): Promise<HeldJob[]> {
  if (jobs.length === 0) return []
  return tx.rows(sql`
    insert into ml_jobs (input_key, kind, model, input, traceparent, attempt_no)
    select r.input_key, r.kind, r.model, r.input, r.traceparent, r.attempt_no
    from json_to_recordset(${rowsParam(jobs)}::json)
      as r(input_key text, kind text, model text, input jsonb, traceparent text, attempt_no int)
    order by r.input_key, r.kind, r.model
    on conflict do nothing
    returning id, input_key, kind, model, status, attempt_no`)
}

async function hangTargets(tx: Queryable, targets: readonly object[]): Promise<void> {
  if (targets.length === 0) return
  await tx.rows(sql`
    insert into ml_job_targets (ml_job_id, post_id, media_id, sync_task_id)
    select ml_job_id, post_id, media_id, sync_task_id
    from json_to_recordset(${rowsParam(targets)}::json)
      as r(ml_job_id bigint, post_id bigint, media_id bigint, sync_task_id bigint)
    order by 1, 2, 3, 4
    on conflict do nothing`)
}
