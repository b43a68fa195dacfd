import type { Platform } from '../../model/account.ts'
import type { BodyLine, BodyStore } from '../body-store.ts'
import type { Queryable } from '../pool.ts'
import { type Reach, reaches } from '../reach.ts'
import { sql } from '../sql.ts'

export interface ParkedFilter {
  readonly platform?: string | undefined
  /** Code of the cause, for example `unreadable`. */
  readonly reason?: string | undefined
  readonly endpoint?: string | undefined
  readonly account_id?: string | undefined
  /** Parked at this time or later. */
  readonly since?: Date | undefined
  /** Parked before this time. */
  readonly before?: Date | undefined
  readonly reach: Reach
}

/** A page that waits for a person, with its cause. */
export interface ParkedPage {
  readonly id: string
  readonly platform: Platform
  readonly account_id: string
  readonly handle: string | null
  readonly endpoint: string
  readonly reason: string
  readonly message: string | null
  readonly parked_at: Date | null
}

/** Why a page, as `p`, was parked; every cause has a code. */
const reasonOf = sql`coalesce(p.error ->> 'reason', 'error')`

const isWanted = ({ platform, reason, endpoint, account_id, since, before, reach }: ParkedFilter) => sql`
  p.status = 'parked' and ${reaches(reach, sql`p.account_id`)} and (${platform ?? null}::text is null or p.platform = ${platform ?? null})
  and (${reason ?? null}::text is null or ${reasonOf} = ${reason ?? null})
  and (${endpoint ?? null}::text is null or p.endpoint = ${endpoint ?? null})
  and (${account_id ?? null}::bigint is null or p.account_id = ${account_id ?? null}::bigint)
  and (${since ?? null}::timestamptz is null or p.settled_at >= ${since ?? null}::timestamptz)
  and (${before ?? null}::timestamptz is null or p.settled_at < ${before ?? null}::timestamptz)`

/** Parked pages after this one in order of their numbers, so many at most. */
export const listParked = (db: Queryable, filter: ParkedFilter, after: string, limit: number) =>
  db.rows<ParkedPage>(sql`
    select p.id, p.platform, p.account_id, a.handle, p.endpoint, ${reasonOf} as reason,
      p.error ->> 'message' as message, p.settled_at as parked_at
    from raw_pages p join accounts a on a.id = p.account_id
    where ${isWanted(filter)} and p.id > ${after}::bigint order by p.id limit ${limit}`)

export interface ParkedCause {
  readonly platform: Platform
  readonly endpoint: string
  readonly reason: string
  readonly count: number
  /** Those of them that were read again before, and parked again for the same cause. */
  readonly again: number
  readonly oldest: Date | null
  /** One of them. */
  readonly sample: string
}

/** What is parked, by its cause. */
export const parkedCauses = (db: Queryable, reach: Reach) =>
  db.rows<ParkedCause>(sql`
    select platform, endpoint, ${reasonOf} as reason, count(*)::int as count,
      count(*) filter (where p.error ->> 'before' = ${reasonOf})::int as again, min(settled_at) as oldest, min(id) as sample
    from raw_pages p where status = 'parked' and ${reaches(reach, sql`p.account_id`)} group by 1, 2, 3 order by count(*) desc, 1, 2, 3`)

/** The beginning of a page as it came. null: its body is gone. */
export async function bodyOfPage(
  db: Queryable,
  bodies: BodyStore,
  id: string,
  { most, reach }: { readonly most: number; readonly reach: Reach },
): Promise<string | null> {
  const lines = await db.rows<BodyLine>(sql`
    select id, body_key from raw_pages p where id = ${id} and ${reaches(reach, sql`p.account_id`)}`)
  return (await bodies.read(db, lines)).get(id)?.slice(0, most) ?? null
}
