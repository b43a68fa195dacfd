import { Conflict, type Db, type Queryable } from '../pool.ts'
import { sql } from '../sql.ts'
import { note } from '../tables/audit-log.ts'
import { nextAttempts } from '../tables/ml-jobs/attempts.ts'
import { reopenTasks } from '../tables/sync-tasks.ts'
import { holdTasks } from './finish-tasks.ts'

/**
 * Retries parked jobs: a further attempt is planned for those that tasks wait for, and their finished
 * tasks wait for it in enriching. Jobs that no task waits for are only unparked. Returns the new attempts.
 */
export const redriveMlJobs = (db: Db, ids: readonly string[], actor: string): Promise<string[]> =>
  db.transaction(async (tx) => {
    const taskIds = await waitingFor(tx, ids)
    await holdTasks(tx, taskIds)
    const taken = await tx.rows<{ id: string }>(sql`
      with held as (
        select id from ml_jobs where id = any(${[...ids]}::bigint[]) and parked order by id for update
      )
      update ml_jobs j set parked = false from held where j.id = held.id returning j.id`)
    const jobs = taken.map((job) => job.id)
    // Who came to wait meanwhile is held first, like all the others.
    if ((await waitingFor(tx, jobs, false)).some((id) => !taskIds.includes(id)))
      throw new Conflict('a task came to wait')
    const moved = await nextAttempts(tx, jobs, { maybePaidTwice: false, afterMs: 0 })
    await reopenTasks(
      tx,
      sql`t.id = any(${taskIds}::bigint[]) and exists (
        select from ml_job_targets w join ml_jobs j on j.id = w.ml_job_id
        where w.sync_task_id = t.id and j.status = 'planned')`,
    )
    if (jobs.length > 0) await note(tx, { actor, action: 'redrive', about: 'ML jobs', details: { jobs } })
    return moved
  })

async function waitingFor(tx: Queryable, jobIds: readonly string[], parked = true): Promise<string[]> {
  const tasks = await tx.rows<{ id: string }>(sql`
    select distinct t.sync_task_id as id from ml_job_targets t join ml_jobs j on j.id = t.ml_job_id
    where j.id = any(${[...jobIds]}::bigint[]) and j.parked = ${parked}::boolean`)
  return tasks.map((task) => task.id)
}
