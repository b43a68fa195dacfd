import type { Queryable } from '../pool.ts'
import { type Sql, sql } from '../sql.ts'
import { hasFailed, isNewest, isOpen } from '../tables/ml-jobs/contents.ts'

/** An ML job as it is shown. */
export interface MlJobLine {
  readonly id: string
  readonly kind: string
  readonly provider: string
  readonly model: string
  readonly status: string
  readonly attempt_no: number
  readonly parked: boolean
  readonly waiting: number
  readonly provider_job_id: string | null
  readonly created_at: Date
  readonly due_at: Date | null
  readonly error_code: string | null
  readonly error: string | null
}

/**
 * open: planned, being sent, or at the provider; parked: failed, and a person decides; failed: it ended for good, without
 * a result.
 */
type MlJobsShown = 'open' | 'parked' | 'failed'

export interface JobFilter {
  readonly state: MlJobsShown
  readonly id?: string | undefined
  readonly kind?: string | undefined
  readonly provider?: string | undefined
  /** Code of the error. */
  readonly reason?: string | undefined
}

/** All are read through partial indexes: what is done is never counted. What is planned by page is no job yet. */
const shown: Readonly<Record<MlJobsShown, Sql>> = {
  open: isOpen,
  parked: sql`j.parked`,
  failed: sql`${hasFailed} and not j.parked`,
}

const isWanted = ({ state, id, kind, provider, reason }: JobFilter) => sql`
  ${shown[state]}
  and (${id ?? null}::bigint is null or j.id = ${id ?? null})
  and (${kind ?? null}::text is null or j.kind = ${kind ?? null})
  and (${provider ?? null}::text is null or j.provider = ${provider ?? null})
  and (${reason ?? null}::text is null or j.error ->> 'code' = ${reason ?? null})`

/** Jobs after this one in order of their numbers, so many at most; found first and sorted then, since most jobs are done. */
export const listMlJobs = (db: Queryable, filter: JobFilter, after: string, limit: number) =>
  db.rows<MlJobLine>(sql`
    select j.id, j.kind, j.provider, j.model, j.status, j.attempt_no, j.parked, j.provider_job_id, j.created_at,
      case when ${isOpen} then j.next_at end as due_at,
      j.error ->> 'code' as error_code, j.error ->> 'message' as error,
      case when ${isNewest} then (select count(*)::int from (
        select id from posts where text_key = j.content_key
        union select post_id from post_media where content_key = j.content_key) has_it) else 0 end as waiting
    from (select * from ml_jobs j where ${isWanted(filter)} and j.id > ${after}::bigint offset 0) j order by j.id limit ${limit}`)

/** ML jobs that ended without a result, by their cause. */
export interface MlCause {
  readonly kind: string
  readonly model: string
  readonly reason: string
  readonly count: number
  /** One of them, and what was said of it. */
  readonly sample: string
  readonly message: string | null
}

/** The most frequent first, a hundred at most. */
export const mlCauses = (db: Queryable, state: Exclude<MlJobsShown, 'open'>) =>
  db.rows<MlCause>(sql`
    with causes as (
      select j.kind, j.model, coalesce(j.error ->> 'code', j.status) as reason, count(*)::int as count, max(j.id) as sample
      from ml_jobs j where ${shown[state]} group by 1, 2, 3 order by 4 desc, 1, 2, 3 limit 100
    )
    select c.*, j.error ->> 'message' as message from causes c join ml_jobs j on j.id = c.sample order by c.count desc, 1, 2, 3`)

/** How many open jobs there are, by the time since they were planned. */
export interface Backlog {
  readonly age: '1 hour' | '6 hours' | '1 day' | '3 days' | 'longer'
  readonly count: number
}

export const backlogOf = (db: Queryable) =>
  db.rows<Backlog>(sql`
    select age, coalesce(sum(j.count), 0)::int as count
    from (values ('1 hour', 0, 3600), ('6 hours', 3600, 21600), ('1 day', 21600, 86400), ('3 days', 86400, 259200),
      ('longer', 259200, 2000000000)) as b(age, from_s, to_s)
    left join (
      select 1 as count, extract(epoch from app_now() - j.created_at) as s from ml_jobs j where ${isOpen}
      union all select contents, extract(epoch from app_now() - created_at) from ml_plans
    ) j on j.s >= b.from_s and j.s < b.to_s
    group by age, from_s order by from_s`)
