import type { Queryable } from '#shared/db/pool.ts'
import { raw } from '#shared/db/sql.ts'
import { readServerless } from './serverless.ts'

const functions = () => Object.keys(readServerless().functions).filter((name) => name !== 'maintain')

/** What a function is in the database, which maintain owns; whatever else works there may do all that functions do. */
export const roleOf = (name: string): string =>
  functions().includes(name) ? `social_sync_${name.replaceAll('-', '_')}` : 'social_sync_run'

/** What people and reports are. */
export const reader = 'social_sync_read'

/**
 * Makes the roles that terraform makes, each with this password. Roles belong to the server, and may be there from a run before;
 * they get their rights from migrations.
 */
export async function makeRoles(db: Queryable, password: string): Promise<void> {
  for (const role of [...functions(), 'worker'].map(roleOf).concat(reader))
    await db.rows(
      raw(`
      do $$
      begin
        create role ${role} login password '${password}';
      exception when duplicate_object or unique_violation then
        null;
      end
      $$`),
    )
}

/** The address of a database with the login of a role. */
export const urlOf = (url: string, role: string, password: string): string =>
  Object.assign(new URL(url), { username: role, password }).href
