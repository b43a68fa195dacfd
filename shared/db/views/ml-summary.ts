import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'
import { hasFailed, isOpen } from '../tables/ml-jobs/contents.ts'

/** Jobs of a provider and kind that are in one state. */
export interface JobsInState {
  /** null: pages are planned, and their jobs are not made yet. */
  readonly provider: string | null
  readonly kind: string
  readonly state: 'planned' | 'submitting' | 'submitted' | 'parked' | 'failed'
  readonly count: number
  /** When one of them is sent or asked about next. null: never. */
  readonly next_at: Date | null
}

/** All but those that are done, which are never counted. */
export const jobsByState = (db: Queryable) =>
  db.rows<JobsInState>(sql`
    select provider, kind, status as state, count(*)::int as count, min(next_at) as next_at
    from ml_jobs j where ${isOpen} group by 1, 2, 3
    union all
    select provider, kind, case when parked then 'parked' else 'failed' end, count(*)::int, null
    from ml_jobs j where j.parked or (${hasFailed} and not j.parked) group by 1, 2, 3
    union all
    select null, k.kind, 'planned', count(*)::int, min(l.created_at) from ml_plans l cross join unnest(l.kinds) k(kind) group by 2
    order by 1 nulls first, 2, 3`)

/** What a day was spent on. */
export interface SpentOnDay {
  /** YYYY-MM-DD (UTC). */
  readonly day: string
  readonly provider: string
  readonly kind: string
  readonly sent: number
  readonly lost: number
  /** null: none had a price. */
  readonly usd: number | null
}

/** The newest days on which something was sent, the newest first. */
export const spentByDay = (db: Queryable, days: number) =>
  db.rows<SpentOnDay>(sql`
    select to_char(day, 'YYYY-MM-DD') as day, provider, kind, sent, lost, usd::float8 as usd from ml_spending
    where day > (app_now() at time zone 'UTC')::date - ${days}::int order by day desc, provider, kind`)

/** Pools of ML providers that are closed, and those whose day is used up. */
export interface PoolHeld {
  readonly pool: string
  readonly until: Date
  readonly is_used_up: boolean
}

export const heldPools = (db: Queryable, providers: readonly string[]) =>
  db.rows<PoolHeld>(sql`
    select pool, max(blocked_until) as until, false as is_used_up from quota_windows
    where blocked_until > app_now() and split_part(pool, '.', 1) = any(${[...providers]}::text[]) group by pool
    union all
    select pool, (date_trunc('day', app_now() at time zone 'UTC') + interval '1 day') at time zone 'UTC', true from quota_windows
    where split_part(pool, '.', 1) = any(${[...providers]}::text[]) and split_part(pool, '.', 2) = 'day' and used >= "limit"
      and window_start = date_trunc('day', app_now() at time zone 'UTC') at time zone 'UTC'`)
