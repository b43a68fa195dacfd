import { type AccessMode, foldHandle, type Platform } from '../../model/account.ts'
import { normOf } from '../../model/brand.ts'
import type { Queryable } from '../pool.ts'
import { isReached, type Reach } from '../reach.ts'
import { type Sql, sql } from '../sql.ts'
import { isLate } from './freshness.ts'
import { orderedBy, type Sort } from './sorted.ts'

/** An account as it is shown: what it is, for whom, how fresh, and how it is doing. */
export interface AccountLine {
  readonly id: string
  readonly platform: Platform
  readonly handle: string | null
  readonly native_id: string | null
  readonly access_mode: AccessMode
  readonly status: string
  readonly status_reason: string | null
  /** Names. null: for no client, of no brand that is on record. */
  readonly client: string | null
  readonly brand: string | null
  readonly tags: readonly string[]
  readonly sync_every_minutes: number
  readonly next_sync_at: Date | null
  readonly display_name: string | null
  readonly followers: string | null
  readonly posts: number
  /** When its profile was last seen. null: not yet. */
  readonly seen_at: Date | null
  readonly is_late: boolean
  /** Syncs in a row that failed or had something parked. */
  readonly failures: number
  /** State of its newest sync; incomplete where something of it is parked or failed. null: there was none. */
  readonly last_sync: string | null
  readonly last_error: string | null
}

/** What is found first and shown then: counts and the newest sync are asked of those shown alone. */
const lines = (found: Sql) => sql`
  select a.id, a.platform, a.handle, a.native_id, a.access_mode, a.status, a.status_reason, a.tags, a.failures,
    c.name as client, b.name as brand, ${isLate(sql`a`)} as is_late,
    round(extract(epoch from a.sync_every) / 60)::int as sync_every_minutes,
    case when a.status not in ('paused', 'unfollowed') and a.access_mode <> 'import' then a.next_sync_at end as next_sync_at,
    p.display_name, p.followers, p.observed_at as seen_at,
    (select count(*)::int from posts o where o.account_id = a.id) as posts,
    coalesce(t.reason, t.status) as last_sync, t.last_error
  from (${found}) f join accounts a on a.id = f.id
  left join profiles p on p.account_id = a.id
  left join clients c on c.id = a.client_id
  left join brands b on b.id = a.brand_id
  left join lateral (
    select status, case when status = 'done' then reason end as reason, last_error from sync_tasks t where t.account_id = a.id order by t.id desc limit 1
  ) t on true`

const time = /^\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?[+-]\d\d(:\d\d)?$|^-?infinity$/

/** What accounts are sorted by; `fits`: what such a value is as text. */
export const accountSorts = {
  handle: { by: sql`a.handle_norm`, type: sql`text`, fits: /^/ },
  name: { by: sql`lower(p.display_name)`, type: sql`text`, fits: /^/ },
  followers: { by: sql`p.followers`, type: sql`bigint`, fits: /^\d{1,18}$/ },
  seen_at: { by: sql`p.observed_at`, type: sql`timestamptz`, fits: time },
  next_sync_at: { by: sql`a.next_sync_at`, type: sql`timestamptz`, fits: time },
} as const

export interface AccountFilter {
  /** A part of the handle or of the name shown. */
  readonly q?: string | undefined
  readonly platform?: string | undefined
  /** Unfollowed accounts are shown only when they are asked for, by this or by their handle. */
  readonly state?: string | undefined
  /** The public name without @, or the platform's own id. */
  readonly handle?: string | undefined
  /** Names. */
  readonly client?: string | undefined
  readonly brand?: string | undefined
  readonly tag?: string | undefined
  readonly late?: boolean | undefined
  readonly reach: Reach
}

const escaped = (part: string) => part.replaceAll(/[\\%_]/g, '\\$&')

function isWanted({ q, platform, state, handle, client, brand, tag, late, reach }: AccountFilter): Sql {
  const part = q === undefined ? null : `%${escaped(q.replace(/^@/, '').toLowerCase())}%`
  const folded = handle === undefined ? null : foldHandle(handle)
  return sql`
    a.status <> 'erased' and ${isReached(reach, sql`a`)}
    and ${state === undefined ? sql`(a.status <> 'unfollowed' or ${folded}::text is not null)` : sql`a.status = ${state}`}
    and (${platform ?? null}::text is null or a.platform = ${platform ?? null})
    and (${folded}::text is null or a.handle_norm = ${folded} or a.native_id = ${handle ?? null})
    and (${part}::text is null or a.handle_norm like ${part} or lower(p.display_name) like ${part} or a.native_id = ${q ?? null})
    and ${client === undefined ? sql`true` : sql`a.client_id = (select id from clients where name_norm = ${normOf(client)})`}
    and ${brand === undefined ? sql`true` : sql`a.brand_id = (select id from brands where name_norm = ${normOf(brand)})`}
    and ${tag === undefined ? sql`true` : sql`a.tags <> '{}' and a.tags @> array[${tag}::text]`}
    and ${late === undefined ? sql`true` : sql`${isLate(sql`a`)} = ${late}`}`
}

/** Accounts after that place, in that order, and one more than asked for. */
export const listAccounts = (db: Queryable, filter: AccountFilter, sort: Sort, limit: number) => {
  const { key, isAfter, order, outer } = orderedBy(sort, accountSorts, sql`a.id`)
  return db.rows<AccountLine & { readonly sort_key: string | null }>(sql`
    with found as (
      select a.id, ${key} as sort_key
      from accounts a left join profiles p on p.account_id = a.id
      where ${isWanted(filter)} and ${isAfter} order by ${order} limit ${limit + 1}
    )
    select l.*, f.sort_key::text as sort_key from found f join (${lines(sql`select id from found`)}) l on l.id = f.id order by ${outer}`)
}

/** One account within reach. */
export async function accountLine(db: Queryable, id: string, reach: Reach): Promise<AccountLine | undefined> {
  const [line] = await db.rows<AccountLine>(
    lines(
      sql`select a.id from accounts a where a.id = ${id} and a.status <> 'erased' and ${isReached(reach, sql`a`)}`,
    ),
  )
  return line
}
