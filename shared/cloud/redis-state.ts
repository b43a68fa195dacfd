import { Redis } from 'ioredis'
import { messageOf, StoreAway } from '../errors.ts'
import type { StateStore } from '../model/state-store.ts'

/** Names of other programs in the same server are left alone. */
const prefix = 'social-sync:state:'

/** Short-lived state in Redis or Valkey. Nothing connects before it is used. */
export function openRedisState({
  url,
  limitMs = 500,
}: {
  readonly url: string
  readonly limitMs?: number
}): StateStore {
  const redis = new Redis(url, {
    ...{ keyPrefix: prefix, lazyConnect: true, enableOfflineQueue: true, maxRetriesPerRequest: 1 },
    ...{ connectTimeout: limitMs, commandTimeout: limitMs },
  })
  // Each call says itself what went wrong.
  redis.on('error', () => undefined)
  const asked = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (cause) {
      throw new StoreAway(`Redis: ${messageOf(cause)}`, { cause })
    }
  }
  return {
    count: (name, windowS) =>
      asked(async () => {
        const [counted] = (await redis.multi().incr(name).expire(name, windowS, 'NX').exec()) ?? []
        return Number(counted?.[1] ?? 0)
      }),
    get: (name) => asked(async () => (await redis.get(name)) ?? undefined),
    put: async (name, text, seconds) => void (await asked(() => redis.set(name, text, 'EX', seconds))),
    close: async () => redis.disconnect(),
  }
}
