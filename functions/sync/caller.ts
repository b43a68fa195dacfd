import { keyOfHash, type Scope } from '#shared/db/tables/api-keys.ts'
import { reserveQuota } from '#shared/db/tables/quota-windows.ts'
import { type HttpEvent, header } from '#shared/http/http-event.ts'
import { Problem } from '#shared/http/problem.ts'
import type { ApiDeps } from './deps.ts'
import { hashOf, isSame, mayBeOurs } from './keys.ts'

/** Who asks, as the audit log names it, and what it may do. */
export interface Caller {
  readonly name: string
  readonly scopes: readonly Scope[]
}

/** The key of the settings, compared in constant time, or one of those that were made. Throws a Problem 401. */
export async function callerOf(event: HttpEvent, { db, settings, keyCheck }: ApiDeps): Promise<Caller> {
  const given = header(event, 'x-api-key') ?? ''
  if (isSame(given, settings.apiKey)) return { name: 'api', scopes: ['admin'] }
  const isLikely = given.startsWith('ss_') && mayBeOurs(given, await keyCheck())
  const known = isLikely ? await keyOfHash(db, hashOf(given)) : undefined
  if (known) return { name: known.name, scopes: known.scopes }
  throw new Problem(401, 'unauthorized', 'send a valid key in the header X-Api-Key')
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

/** Counts the call against the minute of its key. Throws a Problem 429 that says when to come again. */
export async function limitRate({ name }: Caller, { db, settings }: ApiDeps): Promise<void> {
  const { callsPerMinute } = settings
  const window = {
    pool: `api.${name}.minute`,
    limit: callsPerMinute,
    period: 'minute',
    zone: 'UTC',
  } as const
  const reserved = await reserveQuota(db, { units: 1, windows: [window] }, 'ad-hoc')
  if (reserved.granted) return
  throw new Problem(429, 'too_many_requests', `a key has ${callsPerMinute} calls a minute`, [], {
    'retry-after': '60',
  })
}
