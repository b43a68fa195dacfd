import type { Queryable } from '../pool.ts'
import { type Sql, sql } from '../sql.ts'
import { isCurrent } from './gauges.ts'

/** What counts of a quota at this moment, and what holds its calls up. */
export interface QuotaStanding {
  readonly pool: string
  readonly window_start: Date
  readonly used: number
  readonly limit: number
  readonly blocked_until: Date | null
}

/** Quotas of platforms and ML providers that were used in the last day. @param which of the pools, as `pool` */
export const quotaStandings = (db: Queryable, which: Sql = sql`true`): Promise<QuotaStanding[]> =>
  db.rows(sql`
    select pool, coalesce(min(window_start) filter (where ${isCurrent}), max(window_start)) as window_start,
      coalesce(sum(used) filter (where ${isCurrent}), 0)::int as used, max("limit") as "limit",
      max(blocked_until) filter (where blocked_until > app_now()) as blocked_until
    from quota_windows where window_start > app_now() - interval '25 hours' and pool not like 'api.%' and ${which}
    group by pool order by pool`)
