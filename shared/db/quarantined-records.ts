import type { Platform } from '../model/account.ts'
import type { Queryable } from './pool.ts'
import { rowsParam, sql } from './sql.ts'

export interface NewQuarantined {
  readonly raw_page_id: string
  readonly account_id: string
  readonly path: string
  readonly cause: string
  readonly issues: unknown
  readonly record: unknown
}

/** Keeps refused records with their causes; also one that is nothing but null. */
export async function quarantine(tx: Queryable, records: readonly NewQuarantined[]): Promise<void> {
  if (records.length === 0) return
  await tx.rows(sql`
    insert into quarantined_records (raw_page_id, account_id, path, cause, issues, record)
    select raw_page_id, account_id, path, cause, issues, coalesce(record, 'null') from json_to_recordset(${rowsParam(records)}::json)
      as r(raw_page_id bigint, account_id bigint, path text, cause text, issues jsonb, record jsonb)
    order by raw_page_id, path`)
}

/** Records that are quarantined, by their cause. */
export interface QuarantinedCause {
  readonly platform: Platform
  readonly endpoint: string
  readonly cause: string
  readonly count: number
  readonly newest: Date
  /** One of them: its page, its place there, and what is wrong with it as JSON. */
  readonly sample: string
  readonly path: string
  readonly issues: string
}

/** The most frequent first, a hundred at most. */
export const quarantinedCauses = (db: Queryable) =>
  db.rows<QuarantinedCause>(sql`
    with causes as (
      select p.platform, p.endpoint, q.cause, count(*)::int as count, max(q.created_at) as newest, max(q.id) as id
      from quarantined_records q join raw_pages p on p.id = q.raw_page_id
      where q.resolved_at is null group by 1, 2, 3 order by 4 desc, 1, 2, 3 limit 100
    )
    select c.platform, c.endpoint, c.cause, c.count, c.newest, s.raw_page_id as sample, s.path, s.issues::text as issues
    from causes c join quarantined_records s on s.id = c.id order by c.count desc, 1, 2, 3`)
