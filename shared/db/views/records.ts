import type { Platform } from '../../model/account.ts'
import type { Queryable } from '../pool.ts'
import { type Reach, reaches } from '../reach.ts'
import { sql } from '../sql.ts'

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
export const quarantinedCauses = (db: Queryable, reach: Reach) =>
  db.rows<QuarantinedCause>(sql`
    with causes as (
      select p.platform, p.endpoint, q.cause, count(*)::int as count, max(q.created_at) as newest, max(q.id) as id
      from quarantined_records q join raw_pages p on p.id = q.raw_page_id
      where q.resolved_at is null and ${reaches(reach, sql`p.account_id`)} group by 1, 2, 3 order by 4 desc, 1, 2, 3 limit 100
    )
    select c.platform, c.endpoint, c.cause, c.count, c.newest, s.raw_page_id as sample, s.path, s.issues::text as issues
    from causes c join quarantined_records s on s.id = c.id order by c.count desc, 1, 2, 3`)

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
export const troubledFields = (db: Queryable, reach: Reach) =>
  db.rows<FieldTrouble>(sql`
    select platform, endpoint, regexp_replace(field, '(^|[.])[0-9]+(?=[.]|$)', '\\1*', 'g') as field, code,
      count(distinct (account_id, native_id))::int as records, min(first_at) as first_at, max(last_at) as last_at,
      (array_agg(value::text order by last_at desc))[1] as sample, (array_agg(message order by last_at desc))[1] as message
    from record_issues i where ${reaches(reach, sql`i.account_id`)} group by 1, 2, 3, 4 order by 5 desc, 1, 2, 3 limit 100`)
