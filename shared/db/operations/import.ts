import { hasBody } from '../body-store.ts'
import { columns } from '../columns.ts'
import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

/** Makes the partitions that pages of these times need. */
export async function makePartitionsFor(db: Queryable, from: Date, to: Date): Promise<void> {
  await db.rows(sql`select make_partitions(${from}, ${to})`)
}

export interface PageKey {
  readonly account_id: string
  readonly endpoint: string
  readonly fetched_at: Date
  readonly body_sha256: string
}

const placedPage = columns<PageKey & { readonly place: number }>({
  place: 'int',
  account_id: 'bigint',
  endpoint: 'text',
  fetched_at: 'timestamptz',
  body_sha256: 'text',
})

/** Of these answers, the places of those that are kept already, with their bodies. */
export async function keptAlready(tx: Queryable, pages: readonly PageKey[]): Promise<Set<number>> {
  const placed = pages.map(({ account_id, endpoint, fetched_at, body_sha256 }, place) => ({
    ...{ place, account_id, endpoint, fetched_at, body_sha256 },
  }))
  const rows = await tx.rows<{ place: number }>(sql`
    select r.place from ${placedPage.rows(placed)}
    where exists (select from raw_pages p where p.account_id = r.account_id and p.endpoint = r.endpoint
      and p.fetched_at = r.fetched_at and p.body_sha256 = r.body_sha256 and ${hasBody})`)
  return new Set(rows.map(({ place }) => place))
}

/**
 * A task for the pages of each account that are imported, with nothing to ask: it waits for its pages, in the state that
 * leaves the account free for a sync of its own. Returns the tasks by their account.
 */
export async function createImportTasks(
  tx: Queryable,
  accountIds: readonly string[],
): Promise<Map<string, string>> {
  const rows = await tx.rows<{ id: string; account_id: string }>(sql`
    with job as (insert into sync_jobs (origin, mode) values ('backfill', 'incremental') returning id),
    task as (
      insert into sync_tasks (account_id, platform, lane, mode, status, walk_outcome, walk_ended_at)
      select id, platform, 'backfill', 'incremental', 'enriching', 'partial', app_now() from accounts
      where id = any(${[...accountIds]}::bigint[]) order by id returning id, account_id
    ), linked as (insert into sync_job_tasks (sync_job_id, sync_task_id) select job.id, task.id from job, task)
    select id, account_id from task`)
  return new Map(rows.map(({ id, account_id }) => [account_id, id]))
}

/** The youngest age in days at which something of each platform is deleted by the rules of retention. */
export async function shortestRules(db: Queryable): Promise<Map<string, number>> {
  const rows = await db.rows<{ platform: string; days: number }>(sql`
    select platform, min(keep_days) as days from retention where keep_days is not null and field_group in ('metrics', 'content') group by 1`)
  return new Map(rows.map(({ platform, days }) => [platform, days]))
}
