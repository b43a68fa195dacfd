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

/** A brand with what a range of days brought its accounts together. */
export interface BrandNumbers extends NumbersLine {
  readonly name: string
  /** Accounts of it that are followed. */
  readonly accounts: number
  readonly platforms: readonly string[]
}

export interface BrandFilter extends Range {
  readonly ids?: readonly string[] | undefined
  /** Its name. */
  readonly client?: string | undefined
  /** A part of the name or of an alias. */
  readonly q?: string | undefined
  readonly reach: Reach
}

const accountsOf = ({ client, reach }: BrandFilter) => sql`
  accounts a where a.brand_id = b.id and a.status not in ('unfollowed', 'erased') and ${isReached(reach, sql`a`)}
    and ${client === undefined ? sql`true` : sql`a.client_id = (select id from clients where name_norm = ${normOf(client)})`}`

const number = /^-?\d{1,30}$/

/** What it is sorted by, and what such a value is as text. */
export const brandSortFits = {
  name: { fits: /^/ },
  followers: { fits: number },
  followers_gained: { fits: number },
  views_gained: { fits: number },
} as const

const sortsOf = (filter: BrandFilter) => {
  const sumOf = (column: Sql) => sql`(
    select sum(${column}) from account_days d, r where d.account_id in (select a.id from ${accountsOf(filter)}) and d.day between r.first and r.last)`
  return {
    name: { by: sql`b.name_norm`, type: sql`text`, ...brandSortFits.name },
    followers: {
      by: sql`(
        select sum(${followersAt(sql`a.id`, sql`p.followers`)}) from (select a.id from ${accountsOf(filter)}) a
        left join profiles p on p.account_id = a.id)`,
      ...{ type: sql`numeric`, ...brandSortFits.followers },
    },
    followers_gained: {
      by: sumOf(sql`followers_gained`),
      type: sql`numeric`,
      ...brandSortFits.followers_gained,
    },
    views_gained: { by: sumOf(sql`post_views_gained`), type: sql`numeric`, ...brandSortFits.views_gained },
  } as const
}

/** Brands with accounts within reach after that place, in that order, and one more than asked for. */
export async function brandNumbers(
  db: Queryable,
  filter: BrandFilter,
  sort: Sort,
  limit: number,
): Promise<BrandNumbers[]> {
  const { key, isAfter, order, outer } = orderedBy(sort, sortsOf(filter), sql`b.id`)
  const part = filter.q === undefined ? null : `%${normOf(filter.q).replaceAll(/[\\%_]/g, '\\$&')}%`
  const rows = await db.rows<Unread<BrandNumbers>>(sql`
    with ${rangeOf(filter)}, found as (
      select b.id, ${key} as sort_key from brands b
      where exists (select from ${accountsOf(filter)}) and ${isAfter}
        and ${filter.ids === undefined ? sql`true` : sql`b.id = any(${[...filter.ids]}::bigint[])`}
        and (${part}::text is null or b.name_norm like ${part} or exists (select from unnest(b.aliases) alias where lower(alias) like ${part}))
      order by ${order} limit ${limit + 1}
    )
    select b.id, f.sort_key::text as sort_key, b.name, o.*, n.*, (
      select count(*)::int from posts t where t.account_id = any(o.ids) and t.published_at >= r.since and t.published_at < r.until) as published
    from found f cross join r join brands b on b.id = f.id
    cross join lateral (
      select array_agg(a.id) as ids, count(*)::int as accounts, array_agg(distinct a.platform) as platforms, sum(${followersAt(sql`a.id`, sql`p.followers`)})::text as followers,
        string_agg(distinct c.name, ', ') as client
      from (select a.* from ${accountsOf(filter)}) a left join profiles p on p.account_id = a.id left join clients c on c.id = a.client_id
    ) o
    ${gainsOf(sql`d.account_id = any(o.ids)`)}
    order by ${outer}`)
  return rows.map(withDays<BrandNumbers>)
}
