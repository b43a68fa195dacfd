import { Conflict, type Db } from '../pool.ts'
import { sql } from '../sql.ts'
import { note } from '../tables/audit-log.ts'
import { tasksOfJobs } from '../tables/ml-jobs/attempts.ts'
import { isAwaited } from '../tables/ml-jobs/contents.ts'
import { finishTasks, holdTasks } from './finish-tasks.ts'

/**
 * Cancels jobs that are open, parked or still asked about: they are sent and asked about no more, and their contents get no
 * further job of the same model. What a provider works on already may be paid for. Returns those that were cancelled.
 */
export async function cancelMlJobs(db: Db, ids: readonly string[], actor: string): Promise<string[]> {
  const { cancelled, tasks } = await db.transaction(async (tx) => {
    const taskIds = await tasksOfJobs(tx, ids)
    await holdTasks(tx, taskIds)
    const rows = await tx.rows<{ id: string }>(sql`
      with held as (
        select j.id from ml_jobs j where j.id = any(${[...ids]}::bigint[]) and (${isAwaited} or j.parked) order by j.id for update
      )
      update ml_jobs j set status = 'cancelled', parked = false, next_at = 'infinity', claim_token = j.claim_token + 1,
        finished_at = coalesce(j.finished_at, app_now()), error = ${byPerson}::jsonb
      from held where j.id = held.id returning j.id`)
    const jobs = rows.map(({ id }) => id)
    // Who came to wait meanwhile is held first, like all the others.
    if ((await tasksOfJobs(tx, jobs)).some((id) => !taskIds.includes(id)))
      throw new Conflict('a task came to wait')
    if (jobs.length > 0) await note(tx, { actor, action: 'cancel', about: 'ML jobs', details: { jobs } })
    return { cancelled: jobs, tasks: taskIds }
  })
  await finishTasks(db, tasks)
  return cancelled
}

const byPerson = JSON.stringify({ code: 'cancelled', message: 'cancelled by a person' })
