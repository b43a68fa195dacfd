import type { Db, Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

/**
 * Whether a run may be begun by the caller alone: of several at once one may, and where the provider shows none later on, one
 * may again.
 */
export async function mayBegin(db: Db, provider: string, run: string): Promise<boolean> {
  const taken = await db.rows(sql`
    insert into ml_runs as r (provider, run) values (${provider}, ${run})
    on conflict (provider, run) do update set begun_at = app_now() where r.begun_at < app_now() - interval '30 minutes'
    returning run`)
  return taken.length > 0
}

/** Runs long over. */
export const forgetOldRuns = (db: Queryable) =>
  db.rows(sql`delete from ml_runs where begun_at < app_now() - interval '60 days'`)

/** What marks things at other sides as those of this database. */
export async function installationId(db: Queryable): Promise<string> {
  const [found] = await db.rows<{ id: string }>(sql`select id from installation`)
  if (!found) throw new Error('an installation has one row')
  return found.id
}
