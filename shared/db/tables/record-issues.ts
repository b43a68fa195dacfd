import type { Platform } from '../../model/account.ts'
import { columns } from '../columns.ts'
import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

/** A field of a record that is not as the platform documents it. */
export interface NewRecordIssue {
  readonly account_id: string
  readonly platform: Platform
  readonly endpoint: string
  readonly native_id: string
  readonly raw_page_id: string
  /** Its place in the record. */
  readonly field: string
  readonly code: string
  readonly message: string
  readonly value: unknown
}

const recordIssue = columns<Omit<NewRecordIssue, 'value'>>({
  account_id: 'bigint',
  endpoint: 'text',
  native_id: 'text',
  field: 'text',
  platform: 'text',
  code: 'text',
  message: 'text',
  raw_page_id: 'bigint',
})
const withValue = recordIssue.and(columns<Pick<NewRecordIssue, 'value'>>({ value: 'jsonb' }))

/** Notes them at their records, in key order; one that is noted already is seen again. */
export async function noteIssues(tx: Queryable, issues: readonly NewRecordIssue[]): Promise<void> {
  if (issues.length === 0) return
  const latest = [...new Map(issues.map((issue) => [keyOf(issue), issue])).values()]
  await tx.rows(sql`
    insert into record_issues as i (${recordIssue.list}, value)
    select ${recordIssue.of('r')}, coalesce(r.value, 'null') from ${withValue.rows(latest)}
    order by account_id, endpoint, native_id, field
    on conflict (account_id, endpoint, native_id, field) do update set (code, message, value, raw_page_id, last_at)
      = (excluded.code, excluded.message, excluded.value, excluded.raw_page_id, app_now())`)
}

const keyOf = ({ account_id, endpoint, native_id, field }: NewRecordIssue) =>
  [account_id, endpoint, native_id, field].join(' ')
