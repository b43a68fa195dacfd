import type { Queryable } from '#shared/db/pool.ts'
import { raw } from '#shared/db/sql.ts'

export type Role = 'social_sync_run' | 'social_sync_read'
const password = 'of-tests'

/** Roles belong to the server, and may be there from a run before. They get their rights from migrations. */
export async function makeRoles(db: Queryable): Promise<void> {
  for (const role of ['social_sync_run', 'social_sync_read'] satisfies Role[])
    await db.rows(
      raw(`
      do $$
      begin
        create role ${role} login password '${password}';
      exception when duplicate_object or unique_violation then null;
      end
      $$`),
    )
}

/** The address of a database with the login of a role. */
export const urlOf = (url: string, role: Role): string =>
  Object.assign(new URL(url), { username: role, password }).href
