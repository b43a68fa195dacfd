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
