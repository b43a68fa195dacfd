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
 * Plans jobs for contents never seen, and hangs every wanting post on the newest attempt of its content. Attempts are
 * held against being replaced meanwhile, so that no target stays behind on a closed one.
 */
export async function planJobs(tx: Queryable, wanted: readonly WantedJob[]): Promise<void> {
  if (wanted.length === 0) return
  const keys = rowsParam(wanted.map(({ input, ...key }) => key))
  await tx.rows(sql`
    insert into ml_jobs (input_key, kind, model, input)
    select distinct on (r.input_key, r.kind, r.model) r.input_key, r.kind, r.model, r.input
    from json_to_recordset(${rowsParam(wanted)}::json) as r(input_key text, kind text, model text, input jsonb)
    where not exists (
      select from ml_jobs j where j.input_key = r.input_key and j.kind = r.kind and j.model = r.model)
    order by r.input_key, r.kind, r.model
    on conflict do nothing`)
  await tx.rows(sql`
    select from ml_jobs j where (j.input_key, j.kind, j.model) in (
      select r.input_key, r.kind, r.model
      from json_to_recordset(${keys}::json) as r(input_key text, kind text, model text))
    order by j.id for share`)
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
