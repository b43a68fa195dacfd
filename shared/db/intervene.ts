import { note } from './audit-log.ts'
import { holdTasks } from './finish-tasks.ts'
import type { Db, Queryable } from './pool.ts'
import { sql } from './sql.ts'

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

/** Lets parked pages go, whose answers nobody will ever be able to read. Returns those that were. */
export const dropPages = (db: Db, pageIds: readonly string[], actor: string): Promise<string[]> =>
  db.transaction(async (tx) => {
    const dropped = await tx.rows<{ id: string }>(sql`
      with held as (
        select id from raw_pages where id = any(${[...pageIds]}::bigint[]) and status = 'parked' order by id for update
      )
      update raw_pages p set status = 'dropped', settled_at = app_now() from held where p.id = held.id returning p.id`)
    const ids = dropped.map((page) => page.id)
    if (ids.length > 0)
      await note(tx, { actor, action: 'drop', about: 'parked pages', details: { pages: ids } })
    return ids
  })

/** What these pages say finds the partitions of its time, also where they were dropped since. */
export async function makePartitionsOf(db: Queryable, pageIds: readonly string[]): Promise<void> {
  await db.rows(sql`
    select make_partitions(min(fetched_at), max(fetched_at)) from raw_pages where id = any(${[...pageIds]}::bigint[])
    having count(*) > 0`)
}

/** A page, as `p`, whose body was not purged. */
const hasBody = sql`exists (
  select from raw_bodies b where b.raw_page_id = p.id and b.fetched_on = (p.fetched_at at time zone 'UTC')::date)`

/**
 * Pages of that status that have their body are stored again, within a transaction, and their finished tasks wait for
 * them; what they write finds the partitions of its time. Records that were refused are judged anew. Returns the pages
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
  await tx.rows(sql`
    update sync_tasks set status = 'enriching', reason = null, finished_at = null, touched_at = app_now(),
      walk_outcome = coalesce(walk_outcome, 'partial'), walk_ended_at = coalesce(walk_ended_at, app_now())
    where id = any(${taskIds}::bigint[]) and status in ('done', 'failed', 'cancelled')`)
  const back = await tx.rows<{ id: string }>(sql`
    with held as (
      select id from raw_pages p where id = any(${[...pageIds]}::bigint[]) and status = ${from} and ${hasBody}
      order by id for update
    )
    update raw_pages p set status = 'stored', attempts = 0, retry_at = app_now(), settled_at = null, error = null
    from held where p.id = held.id returning p.id`)
  const ids = back.map((page) => page.id)
  await tx.rows(sql`delete from quarantined_records where raw_page_id = any(${ids}::bigint[])`)
  return ids
}
