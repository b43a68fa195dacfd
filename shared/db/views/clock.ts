import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

/** The time by the one clock. */
export async function clock(db: Queryable): Promise<Date> {
  const [row] = await db.rows<{ now: Date }>(sql`select app_now() as now`)
  if (!row) throw new Error('a select without a table has one row')
  return row.now
}

/** The time by which other people's programs check what we sign, also where the world's own is replaced. */
export async function wallClock(db: Queryable): Promise<Date> {
  const [row] = await db.rows<{ now: Date }>(sql`select clock_timestamp() as now`)
  if (!row) throw new Error('a select without a table has one row')
  return row.now
}
