import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

/** Tokens that end for good within a week, by platform; those that are renewed by themselves do not count, nor those of unfollowed accounts. */
export const tokensEnding = (db: Queryable) =>
  db.rows<{ platform: string; count: number }>(sql`
    select p.name as platform, count(c.id)::int as count from platforms p
    left join credentials c on c.platform = p.name and c.status = 'ok'
      and not exists (select from accounts a where a.id = c.account_id and a.status = 'unfollowed')
      and (refresh_expires_at <= app_now() + interval '7 days'
        or (account_id is null and access_expires_at <= app_now() + interval '7 days'))
    group by 1 order by 1`)
