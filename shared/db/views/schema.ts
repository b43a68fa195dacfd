import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

/** The name of the newest migration that was applied; empty: none was. */
export async function newestMigration(db: Queryable): Promise<string> {
  const [row] = await db.rows<{ name: string | null }>(sql`select max(name) as name from schema_migrations`)
  return row?.name ?? ''
}
