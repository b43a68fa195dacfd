import { Conflict, type Db } from '../pool.ts'
import { sql } from '../sql.ts'
import { note } from '../tables/audit-log.ts'
import { nextAttempts, tasksOfJobs } from '../tables/ml-jobs/attempts.ts'
import { jobsOfTask } from '../tables/ml-jobs/contents.ts'
import { reopenTasks } from '../tables/sync-tasks.ts'
import { holdTasks } from './finish-tasks.ts'

/**
 * Retries parked jobs: a further attempt is planned for those whose content a post has, and their finished
 * tasks wait for it in enriching. The others are only unparked. Returns the new attempts.
 */
export const redriveMlJobs = (db: Db, ids: readonly string[], actor: string): Promise<string[]> =>
  db.transaction(async (tx) => {
    const taskIds = await tasksOfJobs(tx, ids)
    await holdTasks(tx, taskIds)
    const taken = await tx.rows<{ id: string }>(sql`
      with held as (
        select id from ml_jobs where id = any(${[...ids]}::bigint[]) and parked order by id for update
      )
      update ml_jobs j set parked = false from held where j.id = held.id returning j.id`)
    const jobs = taken.map((job) => job.id)
    // Who came to wait meanwhile is held first, like all the others.
    if ((await tasksOfJobs(tx, jobs)).some((id) => !taskIds.includes(id)))
      throw new Conflict('a task came to wait')
    const moved = await nextAttempts(tx, jobs, { maybePaidTwice: false, afterMs: 0 })
    await reopenTasks(
      tx,
      sql`t.id = any(${taskIds}::bigint[]) and exists (
        select from ml_jobs j where j.status = 'planned' and j.id in (${jobsOfTask(sql`t.id`)}))`,
    )
    if (jobs.length > 0) await note(tx, { actor, action: 'redrive', about: 'ML jobs', details: { jobs } })
    return moved
  })
