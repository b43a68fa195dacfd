import type { Salts } from '../../model/ml-job.ts'
import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

/** With what the keys of contents begin in this database, and its time. */
export async function readSalts(db: Queryable): Promise<{ readonly salts: Salts; readonly now: Date }> {
  const [found] = await db.rows<{ salts: string; now: Date }>(sql`
    select json_object_agg("of", salt) as salts, app_now() as now from content_salts`)
  if (!found) throw new Error('an aggregate has one row')
  return { salts: JSON.parse(found.salts) as Salts, now: found.now }
}
