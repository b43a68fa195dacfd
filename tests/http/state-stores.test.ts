import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { openRedisState } from '#shared/cloud/redis-state.ts'
import { openYdbState } from '#shared/cloud/ydb.ts'
import { sql } from '#shared/db/sql.ts'
import { stateInPostgres } from '#shared/db/tables/fast-state.ts'
import type { StateStore } from '#shared/model/state-store.ts'
import { stateOf } from '#shared/runtime/state.ts'
import { openLogger } from '#shared/telemetry/logger.ts'
import { findProgram, startRedis } from '../../local/drivers/servers.ts'
import { openYdb } from '../../local/simulators/ydb/server.ts'
import { openApi } from '../setup/api.ts'
import { openTestDatabase } from '../setup/database.ts'
import { fewAccounts } from '../setup/world.ts'

const hasRedis = (findProgram('redis-server') ?? findProgram('valkey-server')) !== undefined
if (!hasRedis) console.warn('redis-server is not on the path: short-lived state is not tried in Redis')

async function openRedis() {
  const server = await startRedis()
  onTestFinished(() => server.kill())
  return `redis://${server.address}`
}

/** Each store with the settings that choose it, and how its time passes. */
const stores = [
  {
    name: 'postgres',
    open: async () => {
      const { db, clock } = await openTestDatabase()
      const pass = (ms: number) => clock.jumpTo(new Date(clock.now().getTime() + ms))
      return { store: stateInPostgres(db), pass, env: {} }
    },
  },
  {
    name: 'ydb',
    open: async () => {
      let now = new Date()
      const ydb = await openYdb({ now: () => now })
      const store = openYdbState({ url: ydb.url })
      onTestFinished(async () => {
        await store.close()
        await ydb.close()
      })
      const pass = async (ms: number) => {
        now = new Date(now.getTime() + ms)
      }
      return { store, pass, env: { STATE_STORE: 'ydb', YDB_URL: ydb.url } }
    },
  },
  {
    name: 'redis',
    open: async () => {
      const url = await openRedis()
      const store = openRedisState({ url })
      onTestFinished(() => store.close())
      const pass = (ms: number) => new Promise<void>((done) => void setTimeout(done, ms))
      return { store, pass, env: { STATE_STORE: 'redis', STATE_REDIS_URL: url } }
    },
  },
] satisfies {
  name: string
  open: () => Promise<{
    store: StateStore
    pass: (ms: number) => Promise<void>
    env: Record<string, string>
  }>
}[]

describe.for(stores.filter(({ name }) => name !== 'redis' || hasRedis))(
  'state in $name',
  ({ open, name }) => {
    test('counts up within a window, each name by itself, and begins again after it', async () => {
      const { store, pass } = await open()
      expect([await store.count('a', 1), await store.count('a', 1), await store.count('b', 60)]).toEqual([
        1, 2, 1,
      ])
      await pass(1_100)
      expect([await store.count('a', 1), await store.count('b', 60)]).toEqual([1, 2])
    })

    test('counts each of many calls at once', async () => {
      const { store } = await open()
      const counts = await Promise.all(Array.from({ length: 20 }, () => store.count('many', 60)))
      expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
    })

    test('keeps a text as it is until its time is over, and the last one put', async () => {
      const { store, pass } = await open()
      expect(await store.get('list')).toBeUndefined()
      await store.put('list', '{"смузи": "🥤"}', 60)
      await store.put('short', 'x', 1)
      expect(await store.get('list')).toBe('{"смузи": "🥤"}')
      await store.put('list', 'next', 60)
      await pass(1_100)
      expect([await store.get('list'), await store.get('short')]).toEqual(['next', undefined])
    })

    test('serves the API: a key has its calls a minute, a repetition its answer, a list what was changed', async () => {
      const { env } = await open()
      const api = await openApi({
        ...{ observations: fewAccounts(2), platforms: [] },
        env: { ...env, API_CALLS_PER_MINUTE: '12' },
      })
      const key = { 'idempotency-key': 'once' }
      const follow = () => api.call('POST', '/v1/accounts', { platform: 'youtube', handle: '@first' }, key)
      const first = await follow()
      expect((await follow()).body).toEqual(first.body)
      const other = await api.call('POST', '/v1/accounts', { platform: 'youtube', handle: '@other' }, key)
      expect(other.status).toBe(409)
      const list = async () => {
        const { body } = await api.call('GET', '/v1/accounts')
        return (body as unknown as { items: { handle: string }[] }).items.map(({ handle }) => handle)
      }
      expect(await list()).toEqual(['first'])
      await api.call('POST', '/v1/accounts', { platform: 'youtube', handle: '@second' })
      expect(await list()).toEqual(['first', 'second'])
      const asked = await Promise.all(Array.from({ length: 12 }, () => api.call('GET', '/v1/accounts')))
      const refused = asked.filter(({ status }) => status === 429)
      expect(refused.length).toBe(6)
      expect(refused[0]?.headers.get('retry-after')).toBe('60')
    })

    test.skipIf(name === 'postgres')('keeps a flood of calls from the database', async () => {
      const { env } = await open()
      let queries = 0
      const api = await openApi(
        { observations: fewAccounts(1), platforms: [], env: { ...env, API_CALLS_PER_MINUTE: '40' } },
        (of, ports) => {
          if (of !== 'sync') return ports
          const rows: typeof ports.db.rows = (statement) => {
            queries += 1
            return ports.db.rows(statement)
          }
          return { ...ports, db: { ...ports.db, rows } }
        },
      )
      await api.call('GET', '/v1/accounts')
      const before = queries
      for (let call = 0; call < 100; call += 1) await api.call('GET', '/v1/accounts')
      expect(queries - before).toBeLessThan(4)
    })
  },
)

test('while the store is away the database does its work, and a line of the log says so', async () => {
  const { db } = await openTestDatabase()
  const warn = vi.fn()
  const log = { ...openLogger({ level: 'silent', fields: {}, secrets: [] }), warn }
  const state = stateOf({ STATE_STORE: 'ydb', YDB_URL: 'grpc://127.0.0.1:1/local' }, db, log)
  onTestFinished(() => state.close())
  expect(await state.count('a', 60)).toBe(1)
  expect(await state.count('a', 60)).toBe(2)
  await state.put('b', 'x', 60)
  expect(await state.get('b')).toBeUndefined()
  expect(warn).toHaveBeenCalledOnce()
  expect(await db.rows(sql`select name, count from fast_state`)).toEqual([{ name: 'a', count: 2 }])
})

test('a store without its address is a fault of the settings', async () => {
  const { db } = await openTestDatabase()
  const log = openLogger({ level: 'silent', fields: {}, secrets: [] })
  expect(() => stateOf({ STATE_STORE: 'redis' }, db, log)).toThrow('STATE_STORE=redis needs STATE_REDIS_URL')
  expect(() => stateOf({ STATE_STORE: 'ydb' }, db, log)).toThrow('STATE_STORE=ydb needs YDB_URL')
})
