import type { Queryable } from '#shared/db/pool.ts'
import { stateInPostgres } from '#shared/db/tables/fast-state.ts'
import { messageOf, StoreAway } from '../errors.ts'
import type { ApiState, StateStore } from '../model/state-store.ts'
import type { Logger } from '../telemetry/logger.ts'

export interface StateSettings {
  readonly STATE_STORE?: 'postgres' | 'ydb' | 'redis' | undefined
  readonly YDB_URL?: string | undefined
  readonly STATE_REDIS_URL?: string | undefined
}

/** Where short-lived state of the API lies, by the settings. Throws when a setting is missing. */
export function stateOf(settings: StateSettings, db: Queryable, log: Logger): ApiState {
  const near = stateInPostgres(db)
  const far = farOf(settings)
  return far ? { ...sparing(far, near, log), isOutside: true } : { ...near, isOutside: false }
}

function farOf({ STATE_STORE, YDB_URL, STATE_REDIS_URL }: StateSettings): StateStore | undefined {
  if (STATE_STORE === 'ydb') {
    const url = needed('YDB_URL', YDB_URL, STATE_STORE)
    return lazily(async () => (await import('../cloud/ydb.ts')).openYdbState({ url }))
  }
  if (STATE_STORE === 'redis') {
    const url = needed('STATE_REDIS_URL', STATE_REDIS_URL, STATE_STORE)
    return lazily(async () => (await import('../cloud/redis-state.ts')).openRedisState({ url }))
  }
  return undefined
}

function needed(name: string, value: string | undefined, store: string): string {
  if (value !== undefined) return value
  throw new Error(`invalid settings: STATE_STORE=${store} needs ${name}`)
}

function lazily(open: () => Promise<StateStore>): StateStore {
  let opened: Promise<StateStore> | undefined
  const store = () => {
    opened ??= open().catch((cause) => {
      throw new StoreAway(`the client of the state store cannot be loaded: ${messageOf(cause)}`, { cause })
    })
    return opened
  }
  return {
    count: async (name, windowS) => (await store()).count(name, windowS),
    get: async (name) => (await store()).get(name),
    put: async (name, text, seconds) => (await store()).put(name, text, seconds),
    close: async () => (await opened?.catch(() => undefined))?.close(),
  }
}

/** A store that was away is not asked again for so long. */
const restMs = 10_000

/** While the store is away, the database does what it did. */
function sparing(far: StateStore, near: StateStore, log: Logger): StateStore {
  let restUntil = 0
  const orElse = async <T>(ask: () => Promise<T>, instead: () => Promise<T>): Promise<T> => {
    if (performance.now() < restUntil) return instead()
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof StoreAway)) throw error
      restUntil = performance.now() + restMs
      log.warn({ error }, 'short-lived state goes to PostgreSQL for ten seconds')
      return instead()
    }
  }
  return {
    count: (name, windowS) =>
      orElse(
        () => far.count(name, windowS),
        () => near.count(name, windowS),
      ),
    get: (name) =>
      orElse(
        () => far.get(name),
        async () => undefined,
      ),
    put: (name, text, seconds) =>
      orElse(
        () => far.put(name, text, seconds),
        async () => undefined,
      ),
    close: () => far.close(),
  }
}
