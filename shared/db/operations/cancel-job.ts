import type { Db, Queryable } from '../pool.ts'
import { isJobReached, type Reach, reaches } from '../reach.ts'
import { sql } from '../sql.ts'
import { note } from '../tables/audit-log.ts'
import { dropPages } from '../tables/raw-pages.ts'
import { cancelTasks } from '../tables/sync-tasks.ts'
import { createAgain, holdTasks } from './finish-tasks.ts'

export interface Cancelled {
  /** Tasks that served this request alone. */
  readonly cancelled: readonly string[]
  /** Tasks that go on, since others wait for them too. */
  readonly shared: number
}

/**
 * Cancels a request, for its accounts within reach: it waits for nothing any more. Tasks that serve no other one end with it: their leases are void at
 * once, pages not transformed yet are dropped, and requests that waited for a further sync get it. Decided under the
 * locks that joining takes too: a task that another request joins at this moment goes on. undefined: no such request.
 */
export const cancelJob = (
  db: Db,
  jobId: string,
  { actor, reach }: { readonly actor: string; readonly reach: Reach },
): Promise<Cancelled | undefined> =>
  db.transaction(async (tx) => {
    const jobs = await tx.rows(
      sql`select from sync_jobs j where j.id = ${jobId} and ${isJobReached(reach, sql`j.id`)}`,
    )
    if (jobs.length === 0) return undefined
    const open = await holdOpenTasks(tx, jobId, reach)
    await withdraw(tx, jobId, open)
    const cancelled = await cancelUnasked(tx, open)
    const shared = open.length - cancelled.length
    if (open.length > 0)
      await note(tx, {
        actor,
        action: 'cancel',
        about: `sync ${jobId}`,
        details: { tasks: cancelled, shared },
      })
    return { cancelled, shared }
  })

/**
 * Cancels one task, for all requests that wait for it; those that wait for a further sync of its account get it. Returns whether it
 * was open.
 */
export const cancelTask = (db: Db, id: string, actor: string): Promise<boolean> =>
  db.transaction(async (tx) => {
    await holdTasks(tx, [id])
    await tx.rows(sql`
      update sync_job_tasks jt set cancelled = true from sync_tasks t
      where jt.sync_task_id = ${id} and not jt.again and t.id = ${id} and t.status not in ('done', 'failed', 'cancelled')`)
    const cancelled = await cancelUnasked(tx, [id])
    if (cancelled.length > 0) await note(tx, { actor, action: 'cancel', about: `task ${id}`, details: {} })
    return cancelled.length > 0
  })

/** Locks the open tasks of a request, their accounts first, in the one order of all locks. */
async function holdOpenTasks(tx: Queryable, jobId: string, reach: Reach): Promise<string[]> {
  const openOfJob = sql`
    from sync_job_tasks jt join sync_tasks t on t.id = jt.sync_task_id
    where jt.sync_job_id = ${jobId} and not jt.cancelled and t.status not in ('done', 'failed', 'cancelled')
      and ${reaches(reach, sql`t.account_id`)}`
  await tx.rows(sql`
    select from accounts where id in (select t.account_id ${openOfJob}) order by id for no key update`)
  const held = await tx.rows<{ id: string }>(sql`
    select id from sync_tasks where id in (select t.id ${openOfJob}) order by id for no key update`)
  return held.map((task) => task.id)
}

/** What the others still ask for decides whether there is to be a further task, and of which mode. */
async function withdraw(tx: Queryable, jobId: string, taskIds: readonly string[]): Promise<void> {
  await tx.rows(sql`
    update sync_job_tasks set cancelled = true, again = false
    where sync_job_id = ${jobId} and sync_task_id = any(${[...taskIds]}::bigint[])`)
  await tx.rows(sql`
    with asked as (
      select t.id, (
        select case when bool_or(j.mode = 'full') then 'full' else max(j.mode) end
        from sync_job_tasks jt join sync_jobs j on j.id = jt.sync_job_id where jt.sync_task_id = t.id and jt.again) as mode
      from sync_tasks t where t.id = any(${[...taskIds]}::bigint[]) and t.again
    )
    update sync_tasks t set again = asked.mode is not null, again_mode = asked.mode from asked where t.id = asked.id`)
}

/** Cancels those of these tasks that no request waits for. Returns them. */
async function cancelUnasked(tx: Queryable, taskIds: readonly string[]): Promise<string[]> {
  const ids = await cancelTasks(
    tx,
    sql`t.id = any(${[...taskIds]}::bigint[]) and not exists (
      select from sync_job_tasks jt where jt.sync_task_id = t.id and not jt.cancelled and not jt.again)`,
  )
  await dropPages(tx, sql`p.sync_task_id = any(${ids}::bigint[]) and p.status = 'stored'`)
  await createAgain(tx, ids)
  return ids
}
