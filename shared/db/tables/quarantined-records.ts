import { columns } from '../columns.ts'
import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

export interface NewQuarantined {
  readonly raw_page_id: string
  readonly account_id: string
  readonly path: string
  readonly cause: string
  readonly issues: unknown
  readonly record: unknown
}

const refusal = columns<Omit<NewQuarantined, 'record'>>({
  raw_page_id: 'bigint',
  account_id: 'bigint',
  path: 'text',
  cause: 'text',
  issues: 'jsonb',
})
const withRecord = refusal.and(columns<Pick<NewQuarantined, 'record'>>({ record: 'jsonb' }))

/** Keeps refused records with their causes; also one that is nothing but null. */
export async function quarantine(tx: Queryable, records: readonly NewQuarantined[]): Promise<void> {
  if (records.length === 0) return
  await tx.rows(sql`
    insert into quarantined_records (${refusal.list}, record)
    select ${refusal.of('r')}, coalesce(r.record, 'null') from ${withRecord.rows(records)}
    order by raw_page_id, path`)
}
