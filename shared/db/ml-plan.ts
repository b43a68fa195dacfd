import type { MlInput, MlKind } from '../model/ml-job.ts'
import type { Queryable } from './pool.ts'
import { rowsParam, sql } from './sql.ts'

/** A job that a post deserves: its content, and who waits. */
export interface WantedJob {
  readonly input_key: string
  readonly kind: MlKind
  readonly model: string
  readonly input: MlInput
  readonly post_id: string
  readonly media_id: string | null
  readonly sync_task_id: string
}

/**
 * Plans jobs for contents never seen, and hangs every wanting post on the newest attempt of its content. Of rewritten
 * posts, targets whose content the post has no more are let go; what other models said of it stays.
 */
export async function planJobs(
  tx: Queryable,
  wanted: readonly WantedJob[],
  rewritten: readonly string[],
  models: readonly string[],
): Promise<void> {
  const keys = rowsParam(wanted.map(({ input, ...key }) => key))
  await holdJobs(tx, wanted, keys)
  if (wanted.length > 0) await hangTargets(tx, keys)
  if (rewritten.length === 0) return
  await tx.rows(sql`
    delete from ml_job_targets t using ml_jobs j
    where j.id = t.ml_job_id and t.post_id = any(${[...rewritten]}::bigint[]) and j.model = any(${[...models]}::text[])
      and not exists (
        select from json_to_recordset(${keys}::json) as r(input_key text, kind text, post_id bigint, media_id bigint)
        where r.post_id = t.post_id and r.media_id is not distinct from t.media_id and r.kind = j.kind
          and r.input_key = j.input_key)`)
}

/**
 * Makes the jobs that are not there yet and holds all of them against being replaced, so that no target stays behind
 * on a closed one. A job that an erasure removes at this moment is made again.
 */
async function holdJobs(tx: Queryable, wanted: readonly WantedJob[], keys: string): Promise<void> {
  const missing = new Map(wanted.map((job) => [`${job.input_key} ${job.kind} ${job.model}`, job]))
  while (missing.size > 0) {
    await tx.rows(sql`
      insert into ml_jobs (input_key, kind, model, input)
      select r.input_key, r.kind, r.model, r.input
      from json_to_recordset(${rowsParam([...missing.values()])}::json)
        as r(input_key text, kind text, model text, input jsonb)
      where not exists (
        select from ml_jobs j where j.input_key = r.input_key and j.kind = r.kind and j.model = r.model)
      order by r.input_key, r.kind, r.model
      on conflict do nothing`)
    const held = await tx.rows<{ key: string }>(sql`
      select concat_ws(' ', j.input_key, j.kind, j.model) as key from ml_jobs j
      where (j.input_key, j.kind, j.model) in (
        select r.input_key, r.kind, r.model
        from json_to_recordset(${keys}::json) as r(input_key text, kind text, model text))
      order by j.id for share`)
    for (const { key } of held) missing.delete(key)
  }
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
