import { type AccessMode, foldHandle, type Platform } from '../../model/account.ts'
import type { Queryable } from '../pool.ts'
import { type Sql, sql } from '../sql.ts'

/** An account as it is shown: what it is, how fresh, and how it is doing. */
export interface AccountLine {
  readonly id: string
  readonly platform: Platform
  readonly handle: string | null
  readonly native_id: string | null
  readonly access_mode: AccessMode
  readonly status: string
  readonly status_reason: string | null
  readonly sync_every_minutes: number
  readonly next_sync_at: Date | null
  readonly display_name: string | null
  readonly followers: string | null
  readonly posts: number
  /** When its profile was last seen. null: not yet. */
  readonly seen_at: Date | null
  /** State of its newest sync; incomplete where something of it is parked or failed. null: there was none. */
  readonly last_sync: string | null
  readonly last_error: string | null
}

const lines = (which: Sql) => sql`
  select a.id, a.platform, a.handle, a.native_id, a.access_mode, a.status, a.status_reason,
    round(extract(epoch from a.sync_every) / 60)::int as sync_every_minutes,
    case when a.status <> 'paused' and a.access_mode <> 'import' then a.next_sync_at end as next_sync_at,
    p.display_name, p.followers, p.observed_at as seen_at,
    (select count(*)::int from posts o where o.account_id = a.id) as posts,
    coalesce(t.reason, t.status) as last_sync, t.last_error
  from accounts a left join profiles p on p.account_id = a.id
  left join lateral (
    select status, case when status = 'done' then reason end as reason, last_error from sync_tasks t where t.account_id = a.id order by t.id desc limit 1
  ) t on true
  where a.status <> 'erased' and ${which}`

export interface AccountFilter {
  readonly platform?: string | undefined
  readonly status?: string | undefined
  /** The public name without @, or the platform's own id. */
  readonly handle?: string | undefined
  readonly after?: string | undefined
  readonly limit: number
}

/** Accounts after this one in order of their numbers, and one more than asked for. */
export const listAccounts = (db: Queryable, { platform, status, handle, after, limit }: AccountFilter) =>
  db.rows<AccountLine>(sql`
    ${lines(sql`a.id > ${after ?? '0'}::bigint and (${platform ?? null}::text is null or a.platform = ${platform ?? null})
      and (${status ?? null}::text is null or a.status = ${status ?? null})
      and (${handle ?? null}::text is null or a.handle_norm = ${handle === undefined ? null : foldHandle(handle)} or a.native_id = ${handle ?? null})`)}
    order by a.id limit ${limit + 1}`)

export async function accountLine(db: Queryable, id: string): Promise<AccountLine | undefined> {
  const [line] = await db.rows<AccountLine>(lines(sql`a.id = ${id}`))
  return line
}

export interface AccountChange {
  readonly sync_every_minutes?: number | undefined
  readonly paused?: boolean | undefined
}

/**
 * Changes the rhythm of an account, pauses it, or lets it go on. Only one that could be synced is paused; a new rhythm
 * counts from now at the latest. False: there is no such account.
 */
export async function changeAccount(
  tx: Queryable,
  id: string,
  { sync_every_minutes, paused }: AccountChange,
): Promise<boolean> {
  const changed = await tx.rows(sql`
    update accounts set
      sync_every = coalesce(${sync_every_minutes ?? null}::int * interval '1 minute', sync_every),
      next_sync_at = case when ${sync_every_minutes ?? null}::int is null then next_sync_at
        else least(next_sync_at, app_now() + ${sync_every_minutes ?? null}::int * interval '1 minute') end,
      status = case when ${paused ?? null}::boolean and status in ('active', 'missing') then 'paused'
        when not ${paused ?? null}::boolean and status = 'paused' then 'active' else status end,
      status_reason = case when ${paused ?? null}::boolean and status in ('active', 'missing') then 'paused by hand'
        when not ${paused ?? null}::boolean and status = 'paused' then null else status_reason end
    where id = ${id} and status <> 'erased' returning id`)
  return changed.length > 0
}
