import { hash } from 'node:crypto'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { openYdbBodies } from '#shared/cloud/ydb.ts'
import { type BodyStore, inPostgres, outside, removeGivenUp } from '#shared/db/body-store.ts'
import { eraseAccount } from '#shared/db/operations/erase.ts'
import { purgeBodies } from '#shared/db/operations/retention.ts'
import { type Db, isDatabaseAway } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { insertPages } from '#shared/db/tables/new-pages.ts'
import { claimPages } from '#shared/db/tables/raw-pages.ts'
import { verify } from '#shared/db/views/verify.ts'
import { StoreAway } from '#shared/errors.ts'
import { openLogger } from '#shared/telemetry/logger.ts'
import { openYdb } from '../../local/simulators/ydb/server.ts'
import { checks } from '../../local/ydb-check/checks.ts'
import { stateChecks } from '../../local/ydb-check/state-checks.ts'
import { runScript } from '../setup/command.ts'
import { openTestDatabase, worldNow } from '../setup/database.ts'

const log = openLogger({ level: 'silent', fields: {}, secrets: [] })
type Ydb = Awaited<ReturnType<typeof openYdb>>

/** A store over a YDB of the test's own. */
async function openFar(options: Parameters<typeof openYdb>[0] = {}, limitMs = 3_000) {
  const ydb = await openYdb({ now: worldNow, ...options })
  const far = openYdbBodies({ url: ydb.url, limitMs })
  onTestFinished(async () => {
    await far.close()
    await ydb.close()
  })
  return { ydb, far, store: outside(far, { puts: true }) }
}

const stores: { name: string; open: () => Promise<{ store: BodyStore; ydb?: Ydb }> }[] = [
  { name: 'PostgreSQL', open: async () => ({ store: inPostgres }) },
  { name: 'YDB', open: () => openFar() },
]

/** An account with a task, and pages of these texts, kept as extract keeps them. */
async function keepPages(db: Db, store: BodyStore, texts: readonly string[]) {
  await db.rows(sql`
    insert into accounts (platform, handle, handle_norm, native_id, access_mode) values ('youtube', 'a', 'a', 'UC1', 'public_key') on conflict do nothing`)
  const [task] = await db.rows<{ id: string; account_id: string }>(sql`
    insert into sync_tasks (account_id, platform, lane, mode, status, walk_outcome, walk_ended_at)
    select id, platform, 'schedule', 'full', 'enriching', 'partial', app_now() from accounts returning id, account_id`)
  const ids = {
    sync_task_id: task?.id ?? '',
    account_id: task?.account_id ?? '',
    platform: 'youtube' as const,
  }
  const pages = texts.map((text, index) => {
    const body = Buffer.from(text)
    const about = { body, body_bytes: body.length, body_sha256: hash('sha256', body), nul_count: 0 }
    const place = { endpoint: 'videos', walk: 1, page_no: index + 1, lane: 'schedule' as const }
    return { ...ids, ...place, ...about, traceparent: null, asked: null, age_ms: 0 }
  })
  const keys = await store.put(db, pages)
  await db.transaction((tx) =>
    insertPages(
      tx,
      pages.map((page, index) => ({ ...page, body_key: keys[index] ?? null })),
    ),
  )
}

const texts = ['{"a": 1}', `{"b": "${'б'.repeat(100_000)}"}`, '']
const linesOf = (db: Db) =>
  db.rows<{ id: string; body_key: string | null }>(sql`select id, body_key from raw_pages order by id`)

describe.for(stores)('bodies in $name', ({ open }) => {
  test('are read as they came, by transform too', async () => {
    const { db } = await openTestDatabase()
    const { store } = await open()
    await keepPages(db, store, texts)
    const read = await store.read(db, await linesOf(db))
    expect([...read.values()]).toEqual(texts)
    const claimed = await claimPages(db, { pages: 10, bytes: 9e6 }, store)
    expect(claimed.map(({ body }) => body)).toEqual(texts)
    expect(await verify(db)).toEqual([])
  })

  test('go with their account, at once', async () => {
    const { db } = await openTestDatabase()
    const { store, ydb } = await open()
    await keepPages(db, store, texts)
    const lines = await linesOf(db)
    expect(await eraseAccount(db, '1', { actor: 'test', hashHandle: null })).toMatchObject({ pages: 3 })
    await removeGivenUp({ db, bodies: store, log })
    expect((await store.read(db, lines)).size).toBe(0)
    expect(ydb?.count() ?? 0).toBe(0)
    expect(await db.rows(sql`select from doomed_bodies`)).toEqual([])
  })

  test('go when their retention ends, but for pages that are not read yet', async () => {
    const { db, clock } = await openTestDatabase()
    const { store, ydb } = await open()
    await keepPages(db, store, texts)
    await db.rows(sql`update raw_pages set status = 'transformed' where id > 1`)
    const [rule] = await db.rows<{ days: number }>(sql`
      select keep_days as days from retention where field_group = 'raw' and platform = 'youtube'`)
    await clock.jumpTo(new Date(clock.now().getTime() + ((rule?.days ?? 0) + 20) * 86_400_000))
    expect(await store.prolong(db, 10)).toBe(ydb ? 3 : 0)
    expect(await purgeBodies(db, 10)).toBe(2)
    await removeGivenUp({ db, bodies: store, log })
    expect([...(await store.read(db, await linesOf(db))).keys()]).toEqual(['1'])
    if (ydb) expect(ydb.count()).toBe(1)
    expect(await store.prolong(db, 10)).toBe(0)
    expect((await verify(db)).filter(({ name }) => name.includes('bod'))).toEqual([])
  })

  test('of a transaction that failed belong to no page', async () => {
    const { db } = await openTestDatabase()
    const { store } = await open()
    const broken: BodyStore = {
      ...store,
      put: async (on, pages) => {
        await store.put(on, pages)
        throw new Error('killed')
      },
    }
    await expect(keepPages(db, broken, texts)).rejects.toThrow('killed')
    expect(await linesOf(db)).toEqual([])
    await keepPages(db, store, texts)
    expect([...(await store.read(db, await linesOf(db))).values()]).toEqual(texts)
  })
})

test.for(checks)('by npm run ydb:check, over the stand-in: %s', async ([, check]) => {
  const { far } = await openFar({}, 20_000)
  await check(far)
})

test('npm run ydb:check says what holds, and leaves nothing behind', async () => {
  const { ydb } = await openFar()
  const { code, stdout } = await runScript('local/ydb-check/main.ts', [ydb.url], {})
  expect(stdout.match(/✓/g)).toHaveLength(checks.length + stateChecks.length)
  expect(code).toBe(0)
  expect(ydb.calls.filter((name) => /Table/.test(name))).toEqual([
    ...['CreateTable', 'DropTable', 'CreateTable', 'DropTable'],
  ])
})

describe('YDB', () => {
  test('that throttles or loses sessions is asked again, and loses nothing', async () => {
    const { db } = await openTestDatabase()
    const { store, ydb } = await openFar({}, 20_000)
    ydb.plan('BulkUpsert', 'OVERLOADED')
    await keepPages(db, store, texts)
    ydb.loseSessions()
    ydb.plan('ExecuteDataQuery', 'UNAVAILABLE')
    ydb.plan('ExecuteDataQuery', 'BAD_SESSION')
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
    await removeGivenUp({ db, bodies: store, log: { ...log, warn } })
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
    expect(await removeGivenUp({ db, bodies: store, log })).toBe(0)
    expect(ydb.count()).toBe(3)
    await later(2)
    expect(await removeGivenUp({ db, bodies: store, log })).toBe(3)
    expect(ydb.count()).toBe(0)
    const slow: BodyStore = {
      ...store,
      put: async (on, pages) => {
        const keys = await store.put(on, pages)
        await later(3)
        await removeGivenUp({ db, bodies: store, log })
        return keys
      },
    }
    const tooLate = await keepPages(db, slow, texts).catch((error: unknown) => error)
    expect(isDatabaseAway(tooLate)).toBe(true)
    expect(await linesOf(db)).toEqual([])
  })

  test('keeps no body that a deletion under way takes', async () => {
    const { db } = await openTestDatabase()
    const { store, far, ydb } = await openFar()
    await keepPages(db, store, texts)
    await eraseAccount(db, '1', { actor: 'test', hashHandle: null })
    const dying = outside({ ...far, remove: () => Promise.reject(new StoreAway('killed')) }, { puts: true })
    await removeGivenUp({ db, bodies: dying, log })
    expect(await db.rows(sql`select from doomed_bodies`)).toHaveLength(3)
    await Promise.all([1, 2].map(() => removeGivenUp({ db, bodies: store, log })))
    expect(ydb.count()).toBe(0)
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
