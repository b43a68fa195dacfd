import { type Sql, sql } from '../sql.ts'

/** Whether the platform is asked about an account, by its alias, and knows it. */
export const isAsked = (a: Sql): Sql => sql`(${a}.status = 'active' and ${a}.access_mode <> 'import')`

/** Time since its posts were walked, over the interval at which that is asked for. */
export const freshness = (a: Sql): Sql => sql`
  extract(epoch from app_now() - coalesce(${a}.synced_at, ${a}.created_at)) / extract(epoch from ${a}.sync_every)`

/** Twice the interval has passed. */
export const isLate = (a: Sql): Sql => sql`(${isAsked(a)} and ${freshness(a)} > 2)`
