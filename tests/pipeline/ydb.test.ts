import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { runTransform } from '#functions/transform/run.ts'
import { instanceToken } from '#shared/cloud/instance-token.ts'
import { openYdbBodies } from '#shared/cloud/ydb.ts'
import { type BodyStore, inPostgres, outside, removeGivenUp } from '#shared/db/body-store.ts'
import { eraseAccount } from '#shared/db/operations/erase.ts'
import { isDatabaseAway } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { claimPages } from '#shared/db/tables/raw-pages.ts'
import { verify } from '#shared/db/views/verify.ts'
import { StoreAway } from '#shared/errors.ts'
import { keepPages, linesOf, log, openFar, texts } from '../setup/bodies.ts'
import { openTestDatabase, worldNow } from '../setup/database.ts'
import { fewAccounts, openTestWorld } from '../setup/world.ts'

const unstopped = new AbortController().signal

describe('YDB', () => {
  test('that throttles or loses sessions is asked again, and loses nothing', async () => {
    const { db } = await openTestDatabase()
    const { store, ydb } = await openFar({}, 20_000)
    ydb.plan('BulkUpsert', 'OVERLOADED')
    await keepPages(db, store, texts)
    ydb.loseSessions()
    ydb.plan('ExecuteDataQuery', 'UNREACHABLE')
    ydb.plan('ExecuteDataQuery', 'UNAVAILABLE')
    ydb.plan('ExecuteDataQuery', 'BAD_SESSION')
    // Nothing waits for the deletion of a session that was lost.
    ydb.plan('DeleteSession', 'UNREACHABLE', 100)
    expect([...(await store.read(db, await linesOf(db))).values()]).toEqual(texts)
    expect(ydb.calls.filter((name) => name === 'ExecuteDataQuery').length).toBeGreaterThan(2)
  })

  test('that is away is as if the database were: nothing is kept, no attempt counts, deletions follow later', async () => {
    const { db } = await openTestDatabase()
    const { store, ydb } = await openFar({}, 500)
    await keepPages(db, store, texts)
    ydb.plan('ExecuteDataQuery', 'OVERLOADED', 1_000)
    ydb.plan('BulkUpsert', 'OVERLOADED', 1_000)
    const refused = await keepPages(db, store, ['{}']).catch((error: unknown) => error)
    expect(isDatabaseAway(refused)).toBe(true)
    expect(await linesOf(db)).toHaveLength(3)
    const claim = claimPages(db, { pages: 10, bytes: 9e6 }, store)
    await expect(claim).rejects.toThrow(/YDB: /)
    expect(await db.rows(sql`select distinct attempts from raw_pages`)).toEqual([{ attempts: 0 }])
    await eraseAccount(db, '1', { actor: 'test', hashHandle: null })
    const warn = vi.fn()
    await removeGivenUp({ db, bodies: store, log: { ...log, warn } }, unstopped)
    expect(warn).toHaveBeenCalledOnce()
    // One was to be put.
    expect(await db.rows(sql`select from doomed_bodies`)).toHaveLength(3 + 1)
  })

  test('that cannot be reached ends no process, and is reached when it is there', async () => {
    const far = openYdbBodies({ url: 'grpc://127.0.0.1:1/local', limitMs: 1_000 })
    onTestFinished(() => far.close())
    await expect(far.get([crypto.randomUUID()])).rejects.toThrow(/YDB: /)
  })

  test('loses within hours what was put for a transaction that never came; one that comes later still keeps nothing', async () => {
    const { db, clock } = await openTestDatabase()
    const { store, ydb } = await openFar()
    const later = (hours: number) => clock.jumpTo(new Date(clock.now().getTime() + hours * 3_600_000))
    const dying: BodyStore = {
      ...store,
      put: async (on, pages) => {
        await store.put(on, pages)
        throw new Error('killed')
      },
    }
    await expect(keepPages(db, dying, texts)).rejects.toThrow('killed')
    await later(1)
    expect(await removeGivenUp({ db, bodies: store, log }, unstopped)).toBe(0)
    expect(ydb.count()).toBe(3)
    await later(2)
    expect(await removeGivenUp({ db, bodies: store, log }, unstopped)).toBe(3)
    expect(ydb.count()).toBe(0)
    const slow: BodyStore = {
      ...store,
      put: async (on, pages) => {
        const keys = await store.put(on, pages)
        await later(3)
        await removeGivenUp({ db, bodies: store, log }, unstopped)
        return keys
      },
    }
    const tooLate = await keepPages(db, slow, texts).catch((error: unknown) => error)
    expect(isDatabaseAway(tooLate)).toBe(true)
    expect(await linesOf(db)).toEqual([])
  })

  test('gives no line a body that is being deleted, also after that deletion was killed', async () => {
    const { db, clock } = await openTestDatabase()
    const { store, far, ydb } = await openFar()
    const killed = outside({ ...far, remove: () => Promise.reject(new StoreAway('killed')) }, { puts: true })
    const slow: BodyStore = {
      ...store,
      put: async (on, pages) => {
        const keys = await store.put(on, pages)
        await clock.jumpTo(new Date(clock.now().getTime() + 3 * 3_600_000))
        // It has begun to delete them when it dies.
        await removeGivenUp({ db, bodies: killed, log }, unstopped)
        return keys
      },
    }
    const tooLate = await keepPages(db, slow, texts).catch((error: unknown) => error)
    expect(isDatabaseAway(tooLate)).toBe(true)
    expect(await linesOf(db)).toEqual([])
    expect(ydb.count()).toBe(3)
    await removeGivenUp({ db, bodies: store, log }, unstopped)
    expect(ydb.count()).toBe(0)
  })

  test('without its address, far pages wait and near ones go on; a body that is gone parks its page with that reason', async () => {
    const { db } = await openTestDatabase()
    const { store, far } = await openFar()
    await keepPages(db, store, ['{"far": 1}'])
    await keepPages(db, inPostgres, ['{"near": 1}'])
    const near = await claimPages(db, { pages: 10, bytes: 9e6 }, inPostgres)
    expect(near.map(({ body }) => body)).toEqual(['{"near": 1}'])
    await db.rows(sql`update raw_pages set status = 'transformed' where body_key is null`)
    const [line] = await db.rows<{ body_key: string; attempts: number }>(
      sql`select body_key, attempts from raw_pages where body_key is not null`,
    )
    expect(line?.attempts).toBe(0)
    await db.rows(sql`update raw_pages set retry_at = app_now() where body_key is not null`)
    await expect(claimPages(db, { pages: 10, bytes: 9e6 }, inPostgres)).rejects.toThrow('set YDB_URL')
    await far.remove([line?.body_key ?? ''])
    await db.rows(sql`update raw_pages set retry_at = app_now() where body_key is not null`)
    const { parked } = await runTransform(
      { db, bodies: store, log, planning: null, pageAttempts: 5 },
      { of: 'due' },
      new AbortController().signal,
    )
    expect(parked).toEqual([{ id: '1', reason: 'the answer is gone from its store, or damaged' }])
    expect(
      await db.rows(sql`select error ->> 'reason' as reason from raw_pages where status = 'parked'`),
    ).toEqual([{ reason: 'body_gone' }])
  })

  test('that is away lets accounts wait before a platform is called, and uncounted', async () => {
    const { ydb } = await openFar()
    const world = await openTestWorld({
      observations: fewAccounts(1),
      env: { RAW_STORE: 'ydb', YDB_URL: ydb.url },
    })
    await world.within(async ({ cloud, runOnce }) => {
      ydb.plan('ExecuteDataQuery', 'SCHEME_ERROR', 1_000)
      await cloud.triggers.tick('extract-youtube')
      expect(await world.db.rows(sql`select status, reason, attempts from sync_tasks`)).toEqual([
        { status: 'waiting', reason: 'store', attempts: 0 },
      ])
      expect(world.simulators.youtube.calls.size).toBe(0)
      ydb.heal()
      await runOnce()
      expect(await world.db.rows(sql`select status from sync_tasks`)).toEqual([{ status: 'done' }])
      expect(await verify(world.db)).toEqual([])
    })
  })

  test('is used with the token of the machine, asked for again before it ends', async () => {
    let asked = 0
    const server = createServer((request, response) => {
      asked += 1
      const known = request.headers['metadata-flavor'] === 'Google'
      response
        .writeHead(known ? 200 : 403)
        .end(JSON.stringify({ access_token: `t${asked}`, expires_in: asked === 1 ? 60 : 3_600 }))
    })
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
    onTestFinished(() => void server.close())
    const auth = instanceToken(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    const tokens = []
    for (let time = 0; time < 3; time += 1)
      tokens.push((await auth.getAuthMetadata()).get('x-ydb-auth-ticket')[0])
    // The first ends within the minute ahead of which the next is asked for.
    expect(tokens).toEqual(['t1', 't2', 't2'])
  })

  test('drops by itself what has ended', async () => {
    let now = worldNow()
    const { far, ydb } = await openFar({ now: () => now })
    const key = crypto.randomUUID()
    await far.put([{ key, body: Buffer.from('x'), expiresAt: new Date(now.getTime() + 1_000) }])
    expect((await far.get([key])).get(key)).toBe('x')
    await far.prolong([key], new Date(now.getTime() + 10_000))
    now = new Date(now.getTime() + 5_000)
    expect((await far.get([key])).get(key)).toBe('x')
    now = new Date(now.getTime() + 6_000)
    expect((await far.get([key])).size).toBe(0)
    expect(ydb.count()).toBe(0)
  })

  test('is read from still when new bodies go to PostgreSQL again', async () => {
    const { db } = await openTestDatabase()
    const { far, store } = await openFar()
    await keepPages(db, store, ['{"far": 1}'])
    const back = outside(far, { puts: false })
    await keepPages(db, back, ['{"near": 1}'])
    const lines = await linesOf(db)
    expect(lines.map(({ body_key }) => body_key === null)).toEqual([false, true])
    expect([...(await back.read(db, lines)).values()].sort()).toEqual(['{"far": 1}', '{"near": 1}'])
  })
})
