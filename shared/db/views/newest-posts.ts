import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

/** So many newest posts of each of these accounts, by the index of an account's posts. */
export const newestPosts = (db: Queryable, accountIds: readonly string[], count: number) =>
  db.rows<{ account_id: string; native_id: string; published_at: Date }>(sql`
    select a.id as account_id, p.native_id, p.published_at from unnest(${[...accountIds]}::bigint[]) a(id)
    cross join lateral (
      select native_id, published_at from posts where account_id = a.id order by published_at desc limit ${count}) p`)
