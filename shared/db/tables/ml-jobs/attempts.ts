import type { Queryable } from '../../pool.ts'
import { sql } from '../../sql.ts'

/** A text may be edited while its job is sent: a job that no post waits for is not sent again. */
export const isUnwanted = sql`not exists (select from ml_job_targets t where t.ml_job_id = j.id)`

/**
 * Inserts the next attempt of each job that a task waits for and moves the targets to it; the old rows are closed by
 * the caller. Returns the attempts that were made.
 */
export async function nextAttempts(
  tx: Queryable,
  ids: readonly string[],
  { maybePaidTwice, afterMs }: { readonly maybePaidTwice: boolean; readonly afterMs: number },
): Promise<string[]> {
  if (ids.length === 0) return []
  const made = await tx.rows<{ id: string }>(sql`
    with next as (
      insert into ml_jobs (input_key, kind, model, attempt_no, input, traceparent, maybe_paid_twice, due_at)
      select input_key, kind, model, attempt_no + 1, input, traceparent, ${maybePaidTwice}::boolean,
        app_now() + ${afterMs} * interval '1 millisecond' from ml_jobs
      where id = any(${[...ids]}::bigint[]) and exists (select from ml_job_targets t where t.ml_job_id = ml_jobs.id)
      order by id
      on conflict do nothing returning id, input_key, kind, model, attempt_no
    ), moved as (
      update ml_job_targets t set ml_job_id = next.id
      from next join ml_jobs j on (j.input_key, j.kind, j.model, j.attempt_no + 1)
        = (next.input_key, next.kind, next.model, next.attempt_no)
      where t.ml_job_id = j.id
    )
    select id from next order by id`)
  return made.map((job) => job.id)
}

/** The tasks that wait for these jobs. */
export async function tasksOfJobs(tx: Queryable, jobIds: readonly string[]): Promise<string[]> {
  if (jobIds.length === 0) return []
  const tasks = await tx.rows<{ id: string }>(sql`
    select distinct sync_task_id as id from ml_job_targets where ml_job_id = any(${[...jobIds]}::bigint[])`)
  return tasks.map((task) => task.id)
}
