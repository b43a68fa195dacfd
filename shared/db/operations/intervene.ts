import { hasBody } from '../body-store.ts'
import type { Db, Queryable } from '../pool.ts'
import { sql } from '../sql.ts'
import { note } from '../tables/audit-log.ts'
import { dropPages, storeAgain } from '../tables/raw-pages.ts'
import { reopenTasks } from '../tables/sync-tasks.ts'
import { holdTasks } from './finish-tasks.ts'

/**
 * Gives parked pages another chance: they are stored again with no attempt counted, and their finished tasks wait for
 * them in enriching, which leaves the account free for its next sync. Returns the pages set back; the caller rings
 * transform after the commit.
 */
export const redrivePages = (db: Db, pageIds: readonly string[], actor: string): Promise<string[]> =>
  db.transaction(async (tx) => {
    const back = await setBack(tx, pageIds, 'parked')
    if (back.length > 0)
      await note(tx, { actor, action: 'redrive', about: 'parked pages', details: { pages: back } })
    return back
  })

/** Drops parked pages, whose answers can never be read. Returns those that were. */
export const dropParked = (db: Db, pageIds: readonly string[], actor: string): Promise<string[]> =>
  db.transaction(async (tx) => {
    const ids = await dropPages(tx, sql`p.id = any(${[...pageIds]}::bigint[]) and p.status = 'parked'`)
    if (ids.length > 0)
      await note(tx, { actor, action: 'drop', about: 'parked pages', details: { pages: ids } })
    return ids
  })

/** Makes the partitions that rows of these pages belong to, if they were dropped since. */
export async function makePartitionsOf(db: Queryable, pageIds: readonly string[]): Promise<void> {
  await db.rows(sql`
    select make_partitions(min(fetched_at), max(fetched_at)) from raw_pages where id = any(${[...pageIds]}::bigint[])
    having count(*) > 0`)
}

/**
 * Pages of that status that have their body are stored again, within a transaction, and their finished tasks wait for
 * them; what they write finds the partitions of its time. Records that were refused are judged again. Returns the pages
 * set back.
 */
export async function setBack(
  tx: Queryable,
  pageIds: readonly string[],
  from: 'parked' | 'transformed',
): Promise<string[]> {
  await makePartitionsOf(tx, pageIds)
  const waiting = await tx.rows<{ id: string }>(sql`
    select distinct sync_task_id as id from raw_pages p
    where id = any(${[...pageIds]}::bigint[]) and status = ${from} and ${hasBody}`)
  const taskIds = waiting.map((task) => task.id)
  await holdTasks(tx, taskIds)
  await reopenTasks(tx, sql`t.id = any(${taskIds}::bigint[])`)
  const ids = await storeAgain(
    tx,
    sql`p.id = any(${[...pageIds]}::bigint[]) and p.status = ${from} and ${hasBody}`,
  )
  await tx.rows(sql`delete from quarantined_records where raw_page_id = any(${ids}::bigint[])`)
  return ids
}
