import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

interface TableSpace {
  readonly table: string
  /** With indexes and long values, of all its partitions. */
  readonly bytes: number
  /** Rows that are deleted or replaced and not yet vacuumed, of all rows; by PostgreSQL's own estimate. */
  readonly dead: number
}

/** The 20 largest tables of the product, largest first. */
export const tableSpace = (db: Queryable) =>
  db.rows<TableSpace>(sql`
    select root.relname::text as table, sum(pg_total_relation_size(c.oid))::float8 as bytes,
      coalesce(sum(s.n_dead_tup) / nullif(sum(s.n_live_tup + s.n_dead_tup), 0), 0)::float8 as dead
    from pg_class c
    join pg_class root on root.oid = coalesce(pg_partition_root(c.oid), c.oid)
    left join pg_stat_user_tables s on s.relid = c.oid
    where c.relkind = 'r' and root.relnamespace = current_schema()::regnamespace
    group by 1 order by 2 desc limit 20`)

/** Connections to this database, as a share of all that the server takes. */
export async function connectionsUsed(db: Queryable): Promise<number> {
  const [row] = await db.rows<{ used: number }>(sql`
    select numbackends::float8 / current_setting('max_connections')::int as used
    from pg_stat_database where datname = current_database()`)
  return row?.used ?? 0
}
