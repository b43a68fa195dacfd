import type { Queryable } from '#shared/db/pool.ts'
import { raw } from '#shared/db/sql.ts'
import { readServerless } from '../../local/serverless.ts'

const password = 'of-tests'

const functions = Object.keys(readServerless().functions).filter((name) => name !== 'maintain')

/** What a function is in the database, which maintain owns; whatever else works there may do all that functions do. */
export const roleOf = (name: string): string =>
  functions.includes(name) ? `social_sync_${name.replaceAll('-', '_')}` : 'social_sync_run'

const roles = [...functions, 'worker'].map(roleOf).concat('social_sync_read')

/** Roles belong to the server, and may be there from a run before. They get their rights from migrations. */
export async function makeRoles(db: Queryable): Promise<void> {
  for (const role of roles)
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
export const urlOf = (url: string, role: string): string =>
  Object.assign(new URL(url), { username: role, password }).href
