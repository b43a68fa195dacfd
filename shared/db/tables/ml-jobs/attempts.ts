import type { Queryable } from '../../pool.ts'
import { sql } from '../../sql.ts'
import { isWanted } from './contents.ts'

/**
 * Inserts the next attempt of each job whose content a post has; the old rows are closed by the caller. Returns the
 * attempts that were made.
 */
export async function nextAttempts(
  tx: Queryable,
  ids: readonly string[],
  { maybePaidTwice, afterMs }: { readonly maybePaidTwice: boolean; readonly afterMs: number },
): Promise<string[]> {
  if (ids.length === 0) return []
  const made = await tx.rows<{ id: string }>(sql`
    insert into ml_jobs (content_key, kind, model, provider, attempt_no, sync_task_id, raw_page_id, sent_as, maybe_paid_twice, next_at)
    select content_key, kind, model, provider, attempt_no + 1, sync_task_id, raw_page_id, sent_as, ${maybePaidTwice}::boolean,
      app_now() + ${afterMs} * interval '1 millisecond' from ml_jobs j
    where id = any(${[...ids]}::bigint[]) and ${isWanted}
    order by id
    on conflict (content_key, kind, model, attempt_no) do nothing returning id`)
  return made.map((job) => job.id)
}

/** The tasks that wait for these jobs. */
export async function tasksOfJobs(tx: Queryable, jobIds: readonly string[]): Promise<string[]> {
  if (jobIds.length === 0) return []
  const ids = [...jobIds]
  const tasks = await tx.rows<{ id: string }>(sql`
    select sync_task_id as id from ml_jobs where id = any(${ids}::bigint[]) and sync_task_id is not null
    union select w.sync_task_id from ml_waits w join ml_jobs j on j.content_key = w.content_key where j.id = any(${ids}::bigint[])`)
  return tasks.map((task) => task.id)
}
