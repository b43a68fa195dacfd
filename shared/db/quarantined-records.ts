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

/** Records that validation refused and nothing has accepted since, by their cause. */
export interface RefusedCause {
  readonly platform: Platform
  readonly endpoint: string
  readonly cause: string
  readonly count: number
  readonly newest: Date
  /** One of them: the place in its answer, what is wrong with it, and its page. */
  readonly sample: string
  readonly path: string
  /** JSON. */
  readonly issues: string
}

/** The most frequent first, a hundred at most. */
export const refusedCauses = (db: Queryable) =>
  db.rows<RefusedCause>(sql`
    select p.platform, p.endpoint, q.cause, count(*)::int as count, max(q.created_at) as newest, max(q.raw_page_id) as sample,
      (array_agg(q.path order by q.id desc))[1] as path, (array_agg(q.issues order by q.id desc))[1]::text as issues
    from quarantined_records q join raw_pages p on p.id = q.raw_page_id
    where q.resolved_at is null group by 1, 2, 3 order by count(*) desc, 1, 2, 3 limit 100`)
