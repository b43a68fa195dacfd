import type { Db, Queryable } from '../pool.ts'
import { isReached, type Reach } from '../reach.ts'
import { sql } from '../sql.ts'
import { note } from '../tables/audit-log.ts'
import { cutWalks } from '../tables/sync-tasks.ts'
import { finishTasks } from './finish-tasks.ts'

export interface Unfollowed {
  /** Of those asked for: what each was before. Those not there or out of reach are left out. */
  readonly before: ReadonlyMap<string, string>
  /** Tasks whose walks ended with it. */
  readonly ended: readonly string[]
}

/**
 * Stops following accounts: all rows of them stay, and following them again goes on from there. Walks end as they stand: what they
 * have kept becomes rows, and syncs that asked for the account count it as cancelled.
 */
export async function unfollow(
  db: Db,
  ids: readonly string[],
  { actor, reach }: { readonly actor: string; readonly reach: Reach },
): Promise<Unfollowed> {
  const done = await db.transaction(async (tx) => {
    const held = await tx.rows<{ id: string; status: string }>(sql`
      select a.id, a.status from accounts a
      where a.id = any(${[...ids]}::bigint[]) and a.status <> 'erased' and ${isReached(reach, sql`a`)}
      order by a.id for no key update`)
    const left = held.flatMap(({ id, status }) => (status === 'unfollowed' ? [] : [id]))
    const before = new Map(held.map(({ id, status }) => [id, status]))
    if (left.length === 0) return { before, ended: [] }
    await tx.rows(sql`
      update accounts set status = 'unfollowed', status_reason = null where id = any(${left}::bigint[])`)
    const ended = await endWalks(tx, left)
    await note(tx, { actor, action: 'unfollow', about: 'accounts', details: { accounts: left } })
    return { before, ended }
  })
  await finishTasks(db, done.ended)
  return done
}

async function endWalks(tx: Queryable, accountIds: readonly string[]): Promise<string[]> {
  const walking = sql`
    t.account_id = any(${[...accountIds]}::bigint[]) and t.status in ('queued', 'waiting', 'extracting', 'transforming')`
  await tx.rows(sql`select from sync_tasks t where ${walking} order by id for no key update`)
  await tx.rows(sql`
    update sync_job_tasks jt set cancelled = true, again = false from sync_tasks t where t.id = jt.sync_task_id and ${walking}`)
  await tx.rows(sql`update sync_tasks t set again = false, again_mode = null where t.again and ${walking}`)
  return cutWalks(tx, sql`select t.id from sync_tasks t where ${walking} and t.status <> 'transforming'`)
}
