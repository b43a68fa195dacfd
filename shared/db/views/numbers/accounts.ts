import type { Platform } from '../../../model/account.ts'
import { normOf } from '../../../model/brand.ts'
import type { Queryable } from '../../pool.ts'
import { isReached, type Reach } from '../../reach.ts'
import { type Sql, sql } from '../../sql.ts'
import { orderedBy, type Sort } from '../sorted.ts'
import {
  followersAt,
  gainsOf,
  type NumbersLine,
  type Range,
  rangeOf,
  type Unread,
  withDays,
} from './range.ts'

/** An account with what a range of days brought it. */
export interface AccountNumbers extends NumbersLine {
  readonly platform: Platform
  readonly account: string
  readonly display_name: string | null
  readonly brand: string | null
  readonly status: string
  /** A link that works. */
  readonly avatar_url: string | null
}

export interface NumbersFilter extends Range {
  /** These alone. */
  readonly ids?: readonly string[] | undefined
  /** Names. */
  readonly client?: string | undefined
  readonly brand?: string | undefined
  readonly platform?: string | undefined
  /** A part of the name or handle. */
  readonly q?: string | undefined
  readonly reach: Reach
}

const sumOf = (column: Sql) => sql`
  (select sum(${column}) from account_days d, r where d.account_id = a.id and d.day between r.first and r.last)`

const number = /^-?\d{1,30}$/

/** What it is sorted by; `fits`: what such a value is as text. */
export const numbersSorts = {
  name: { by: sql`lower(coalesce(p.display_name, a.handle))`, type: sql`text`, fits: /^/ },
  followers: { by: followersAt(sql`a.id`, sql`p.followers`), type: sql`bigint`, fits: number },
  followers_gained: { by: sumOf(sql`followers_gained`), type: sql`numeric`, fits: number },
  views_gained: { by: sumOf(sql`post_views_gained`), type: sql`numeric`, fits: number },
} as const

function isWanted({ ids, client, brand, platform, q, reach }: NumbersFilter): Sql {
  const part =
    q === undefined
      ? null
      : `%${q
          .replaceAll(/[\\%_]/g, '\\$&')
          .replace(/^@/, '')
          .toLowerCase()}%`
  return sql`
    a.status not in ('unfollowed', 'erased') and ${isReached(reach, sql`a`)}
    and ${ids === undefined ? sql`true` : sql`a.id = any(${[...ids]}::bigint[])`}
    and ${client === undefined ? sql`true` : sql`a.client_id = (select id from clients where name_norm = ${normOf(client)})`}
    and ${brand === undefined ? sql`true` : sql`a.brand_id = (select id from brands where name_norm = ${normOf(brand)})`}
    and (${platform ?? null}::text is null or a.platform = ${platform ?? null})
    and (${part}::text is null or a.handle_norm like ${part} or lower(p.display_name) like ${part})`
}

/** Accounts after that place, in that order, and one more than asked for. */
export async function accountNumbers(
  db: Queryable,
  filter: NumbersFilter,
  sort: Sort,
  limit: number,
): Promise<AccountNumbers[]> {
  const { key, isAfter, order, outer } = orderedBy(sort, numbersSorts, sql`a.id`)
  const rows = await db.rows<Unread<AccountNumbers>>(sql`
    with ${rangeOf(filter)}, found as (
      select a.id, ${key} as sort_key from accounts a left join profiles p on p.account_id = a.id
      where ${isWanted(filter)} and ${isAfter} order by ${order} limit ${limit + 1}
    )
    select a.id, f.sort_key::text as sort_key, a.platform, coalesce(a.handle, a.native_id) as account, p.display_name, b.name as brand,
      c.name as client, a.status, ${followersAt(sql`a.id`, sql`p.followers`)} as followers, n.*, (
        select count(*)::int from posts o where o.account_id = a.id and o.published_at >= r.since and o.published_at < r.until) as published,
      case when p.avatar_expires_at is null or p.avatar_expires_at > app_now() + interval '2 minutes' then p.avatar_url end as avatar_url
    from found f cross join r join accounts a on a.id = f.id
    left join profiles p on p.account_id = a.id
    left join brands b on b.id = a.brand_id
    left join clients c on c.id = a.client_id
    ${gainsOf(sql`d.account_id = a.id`)}
    order by ${outer}`)
  return rows.map(withDays<AccountNumbers>)
}
