import type { Platform } from '../../model/account.ts'
import type { Queryable } from '../pool.ts'
import { isReached, type Reach } from '../reach.ts'
import { type Sql, sql } from '../sql.ts'

/** A consent as it is shown, never its tokens. */
export interface CredentialLine {
  readonly id: string
  readonly platform: Platform
  /** null: it serves all accounts of others. */
  readonly account_id: string | null
  readonly account: string | null
  readonly status: string
  readonly status_reason: string | null
  readonly scopes: readonly string[]
  readonly created_at: Date
  readonly renewed_at: Date | null
  /** When it ends for good, unless it is renewed before. null: it does not end. */
  readonly ends_at: Date | null
  /** Whether it is renewed without a person. */
  readonly is_renewed: boolean
}

/** When a credential `c` ends for good: one of an owner is renewed by itself until what renews it ends, a shared one is not. */
export const endsAt = sql`case when c.account_id is null then c.access_expires_at else coalesce(c.refresh_expires_at, c.access_expires_at) end`

const lines = (reach: Reach, which: Sql) => sql`
  select c.id, c.platform, c.account_id, coalesce('@' || a.handle, a.native_id) as account, c.status, c.status_reason, c.scopes,
    c.created_at, c.renewed_at, ${endsAt} as ends_at, c.account_id is not null as is_renewed
  from credentials c left join accounts a on a.id = c.account_id
  where (a.status is distinct from 'unfollowed') and ${reach === null ? sql`true` : isReached(reach, sql`a`)} and ${which}`

/** Consents within reach after this one, and one more than asked for. */
export const listCredentials = (db: Queryable, reach: Reach, after: string, limit: number) =>
  db.rows<CredentialLine>(sql`${lines(reach, sql`c.id > ${after}::bigint`)} order by c.id limit ${limit + 1}`)

/** Those that end within so many days, or have ended, the first to end first; fifty at most. */
export const credentialsEnding = (db: Queryable, reach: Reach, days: number) =>
  db.rows<CredentialLine>(sql`
    ${lines(reach, sql`(c.status <> 'ok' or ${endsAt} <= app_now() + ${days} * interval '1 day')`)}
    order by ${endsAt} nulls last, c.id limit 50`)
