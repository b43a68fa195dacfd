import type { Queryable } from '../pool.ts'
import { isReached, type Reach } from '../reach.ts'
import { sql } from '../sql.ts'

/** Posts of one account that wait for a person to say that they are deleted. */
export interface HeldDeletions {
  readonly account_id: string
  readonly platform: string
  readonly handle: string | null
  readonly posts: number
  readonly since: Date
}

export const heldDeletions = (db: Queryable, reach: Reach) =>
  db.rows<HeldDeletions>(sql`
    select p.account_id, a.platform, a.handle, count(*)::int as posts, min(p.held_at) as since
    from posts p join accounts a on a.id = p.account_id where p.held_at is not null and ${isReached(reach, sql`a`)} group by 1, 2, 3 order by 4 desc, 1 limit 100`)
