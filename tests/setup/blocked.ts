import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'

/** Until a statement that begins so waits for a lock of another transaction of this database. Returns its backend. */
export async function untilBlocked(db: Db, statement = ''): Promise<number> {
  for (;;) {
    const [waiting] = await db.rows<{ pid: number }>(sql`
      select pid from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and starts_with(query, ${statement})`)
    if (waiting) return waiting.pid
  }
}
