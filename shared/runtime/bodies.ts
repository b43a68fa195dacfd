import { type BodyStore, inPostgres, outside } from '#shared/db/body-store.ts'
import type { YdbOptions } from '../cloud/ydb-connection.ts'
import { messageOf, StoreAway } from '../errors.ts'
import type { FarBodies } from '../model/far-bodies.ts'

export interface BodySettings {
  readonly RAW_STORE?: 'postgres' | 'ydb' | undefined
  readonly YDB_URL?: string | undefined
}

/**
 * Where raw answers lie, by the settings. A YDB that is named is read from also when new ones go to PostgreSQL again. Throws when a
 * setting is missing.
 * @param limitMs for one call, its retries included
 */
export function bodiesOf({ RAW_STORE, YDB_URL: url }: BodySettings, limitMs: number): BodyStore {
  const puts = RAW_STORE === 'ydb'
  if (url !== undefined) return outside(lazily({ url, limitMs }), { puts })
  if (puts) throw new Error('invalid settings: RAW_STORE=ydb needs YDB_URL')
  return inPostgres
}

/** The SDK is large: it is loaded with the first body. */
function lazily(options: YdbOptions): FarBodies {
  let opened: Promise<FarBodies> | undefined
  const far = () => {
    opened ??= import('../cloud/ydb.ts').then(
      ({ openYdbBodies }) => openYdbBodies(options),
      (cause) => {
        throw new StoreAway(`the SDK of YDB cannot be loaded: ${messageOf(cause)}`, { cause })
      },
    )
    return opened
  }
  return {
    put: async (bodies) => (await far()).put(bodies),
    get: async (keys) => (await far()).get(keys),
    remove: async (keys) => (await far()).remove(keys),
    prolong: async (keys, expiresAt) => (await far()).prolong(keys, expiresAt),
    close: async () => (await opened?.catch(() => undefined))?.close(),
  }
}
