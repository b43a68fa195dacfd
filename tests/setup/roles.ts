import type { Queryable } from '#shared/db/pool.ts'
import { makeRoles as makeWith, roleOf, urlOf as urlWith } from '../../local/roles.ts'

const password = 'of-tests'

export { roleOf }
export const makeRoles = (db: Queryable): Promise<void> => makeWith(db, password)
export const urlOf = (url: string, role: string): string => urlWith(url, role, password)
