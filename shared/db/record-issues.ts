import type { Platform } from '../model/account.ts'
import type { Queryable } from './pool.ts'
import { rowsParam, sql } from './sql.ts'

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

/** Notes them at their records, in key order; one that is noted already is seen again. */
export async function noteIssues(tx: Queryable, issues: readonly NewRecordIssue[]): Promise<void> {
  if (issues.length === 0) return
  const latest = [...new Map(issues.map((issue) => [keyOf(issue), issue])).values()]
  await tx.rows(sql`
    insert into record_issues as i (account_id, endpoint, native_id, field, platform, code, message, value, raw_page_id)
    select account_id, endpoint, native_id, field, platform, code, message, coalesce(value, 'null'), raw_page_id
    from json_to_recordset(${rowsParam(latest)}::json) as r(account_id bigint, endpoint text, native_id text, field text,
      platform text, code text, message text, value jsonb, raw_page_id bigint)
    order by account_id, endpoint, native_id, field
    on conflict (account_id, endpoint, native_id, field) do update set (code, message, value, raw_page_id, last_at)
      = (excluded.code, excluded.message, excluded.value, excluded.raw_page_id, app_now())`)
}

const keyOf = ({ account_id, endpoint, native_id, field }: NewRecordIssue) =>
  [account_id, endpoint, native_id, field].join(' ')

/** Issues of one field, over all records. */
export interface FieldTrouble {
  readonly platform: Platform
  readonly endpoint: string
  /** Places in lists as `*`. */
  readonly field: string
  readonly code: string
  readonly records: number
  readonly first_at: Date
  readonly last_at: Date
  /** One of the values, as JSON. */
  readonly sample: string
  readonly message: string
}

/** The most frequent first, a hundred at most. */
export const troubledFields = (db: Queryable) =>
  db.rows<FieldTrouble>(sql`
    select platform, endpoint, regexp_replace(field, '(^|[.])[0-9]+(?=[.]|$)', '\\1*', 'g') as field, code,
      count(distinct (account_id, native_id))::int as records, min(first_at) as first_at, max(last_at) as last_at,
      (array_agg(value::text order by last_at desc))[1] as sample, (array_agg(message order by last_at desc))[1] as message
    from record_issues group by 1, 2, 3, 4 order by 5 desc, 1, 2, 3 limit 100`)
