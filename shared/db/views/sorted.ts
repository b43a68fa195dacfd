import { type Sql, sql } from '../sql.ts'

/** The order of a list, and the place after which it goes on. */
export interface Sort {
  /** undefined: in order of their numbers. */
  readonly by?: string | undefined
  readonly isDescending: boolean
  readonly after?: Place | undefined
}

/** The last row shown: what it is sorted by, as text, and its number. */
export interface Place {
  readonly key: string | null
  readonly id: string
}

interface Key {
  readonly by: Sql
  readonly type: Sql
  /** What such a value is as text. */
  readonly fits: RegExp
}

/** What a list is sorted by, which rows come after its place, and in which order, also of what was found, as `f`, with that as `sort_key`; rows without a value come last. */
export function orderedBy({ by, isDescending, after }: Sort, keys: Readonly<Record<string, Key>>, id: Sql) {
  const key = by === undefined ? undefined : keys[by]
  if (!key) {
    const isAfter = after ? sql`${id} > ${after.id}::bigint` : sql`true`
    return { key: sql`null::text`, isAfter, order: sql`${id}`, outer: sql`f.id` }
  }
  const order = isDescending ? sql`${key.by} desc nulls last, ${id}` : sql`${key.by} nulls last, ${id}`
  const outer = isDescending ? sql`f.sort_key desc nulls last, f.id` : sql`f.sort_key nulls last, f.id`
  return { key: key.by, order, outer, isAfter: after ? beyond(key, isDescending, after, id) : sql`true` }
}

function beyond({ by, type }: Key, isDescending: boolean, after: Place, id: Sql): Sql {
  const isLater = sql`${id} > ${after.id}::bigint`
  if (after.key === null) return sql`(${by} is null and ${isLater})`
  const value = sql`${after.key}::${type}`
  const isBeyond = isDescending ? sql`${by} < ${value}` : sql`${by} > ${value}`
  return sql`(${isBeyond} or (${by} = ${value} and ${isLater}) or ${by} is null)`
}
