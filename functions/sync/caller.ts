import type { Reach } from '#shared/db/reach.ts'
import { keyOfHash, type Scope } from '#shared/db/tables/api-keys.ts'
import { type HttpEvent, header } from '#shared/http/http-event.ts'
import { Problem } from '#shared/http/problem.ts'
import type { ApiDeps } from './deps.ts'
import { hashOf, isSame, mayBeOurs } from './keys.ts'

/** Who asks, as the audit log names it, and what it may do. */
export interface Caller {
  readonly name: string
  /** Number of its key. null: the key of the settings, or none. */
  readonly keyId: string | null
  readonly scopes: readonly Scope[]
  /** The clients it is bound to. */
  readonly reach: Reach
}

/** The key of the settings, compared in constant time, or the hash of one that may have been made. Throws a Problem 401. */
export async function presentedKey(
  event: HttpEvent,
  { settings, keyCheck }: ApiDeps,
): Promise<'settings' | string> {
  const given = header(event, 'x-api-key') ?? ''
  if (isSame(given, settings.apiKey)) return 'settings'
  if (given.startsWith('ss_') && mayBeOurs(given, await keyCheck())) return hashOf(given)
  throw unauthorized()
}

const unauthorized = () => new Problem(401, 'unauthorized', 'send a valid key in the header X-Api-Key')

/** Whose key it is. Throws a Problem 401. */
export async function callerOf(key: 'settings' | string, { db }: ApiDeps): Promise<Caller> {
  if (key === 'settings') return { name: 'api', keyId: null, scopes: ['admin'], reach: null }
  const known = await keyOfHash(db, key)
  if (known) return { name: known.name, keyId: known.id, scopes: known.scopes, reach: known.client_ids }
  throw unauthorized()
}

const includes: Readonly<Record<Scope, readonly Scope[]>> = {
  read: ['read', 'sync', 'admin'],
  sync: ['sync', 'admin'],
  admin: ['admin'],
}

/** Throws a Problem 403 when the caller's key does not reach so far. */
export function requireScope({ scopes }: Caller, needed: Scope): void {
  if (scopes.some((scope) => includes[needed].includes(scope))) return
  throw new Problem(403, 'forbidden', `this key may not do that: it takes the scope ${needed}`)
}

/** Throws a Problem 403 when the caller's key is bound to clients, for what concerns others too. */
export function requireAll({ reach }: Caller): void {
  if (reach === null) return
  throw new Problem(403, 'forbidden', 'this key is bound to clients, and this concerns others too')
}

const minuteS = 60

/**
 * Counts the call against the minute of its key, before the database is asked about the key. Throws a Problem 429 that says when to
 * come again.
 */
export async function limitRate(key: string, { settings, state }: ApiDeps): Promise<void> {
  const { callsPerMinute } = settings
  const calls = await state.count(`calls.${key}`, minuteS)
  if (calls <= callsPerMinute) return
  throw new Problem(429, 'too_many_requests', `a key has ${callsPerMinute} calls a minute`, [], {
    'retry-after': String(minuteS),
  })
}
