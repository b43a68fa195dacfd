import type { Lane, TaskMode } from '../../model/sync.ts'
import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

/** One sync of an account, as its timeline shows it. */
export interface TimelineEntry {
  readonly id: string
  /** The request that asked for it first. null: the schedule's own upkeep. */
  readonly sync_id: string | null
  readonly status: string
  readonly reason: string | null
  readonly mode: TaskMode
  readonly lane: Lane
  readonly created_at: Date
  readonly walk_ended_at: Date | null
  readonly finished_at: Date | null
  readonly pages: number
  readonly parked: number
  readonly records: number
  readonly quarantined: number
  readonly last_error: string | null
}

/** Syncs of an account before this one, the newest first, and one more than asked for. */
export const timelineOf = (
  db: Queryable,
  accountId: string,
  { after, limit }: { readonly after?: string | undefined; readonly limit: number },
) =>
  db.rows<TimelineEntry>(sql`
    select t.id, (select min(jt.sync_job_id) from sync_job_tasks jt where jt.sync_task_id = t.id) as sync_id,
      t.status, t.reason, t.mode, t.lane, t.created_at, t.walk_ended_at, t.finished_at, t.last_error, p.*
    from (
      select * from sync_tasks where account_id = ${accountId} and (${after ?? null}::bigint is null or id < ${after ?? null}::bigint)
      order by id desc limit ${limit + 1}
    ) t cross join lateral (
      select count(*)::int as pages, count(*) filter (where status = 'parked')::int as parked,
        coalesce(sum(normalised + unchanged), 0)::int as records, coalesce(sum(quarantined), 0)::int as quarantined
      from raw_pages where sync_task_id = t.id
    ) p
    order by t.id desc`)
