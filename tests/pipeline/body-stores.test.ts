import { describe, expect, test } from 'vitest'
import { type BodyStore, inPostgres, removeGivenUp } from '#shared/db/body-store.ts'
import { eraseAccount } from '#shared/db/operations/erase.ts'
import { purgeBodies } from '#shared/db/operations/retention.ts'
import { sql } from '#shared/db/sql.ts'
import { claimPages } from '#shared/db/tables/raw-pages.ts'
import { verify } from '#shared/db/views/verify.ts'
import { checks } from '../../local/ydb-check/checks.ts'
import { stateChecks } from '../../local/ydb-check/state-checks.ts'
import { keepPages, linesOf, log, openFar, texts, type Ydb } from '../setup/bodies.ts'
import { runScript } from '../setup/command.ts'
import { openTestDatabase } from '../setup/database.ts'

const stores: { name: string; open: () => Promise<{ store: BodyStore; ydb?: Ydb }> }[] = [
  { name: 'PostgreSQL', open: async () => ({ store: inPostgres }) },
  { name: 'YDB', open: () => openFar() },
]

const unstopped = new AbortController().signal

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
    await removeGivenUp({ db, bodies: store, log }, unstopped)
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
    await removeGivenUp({ db, bodies: store, log }, unstopped)
    expect([...(await store.read(db, await linesOf(db))).keys()]).toEqual(['1'])
    if (ydb) expect(ydb.count()).toBe(1)
    expect(await store.prolong(db, 10)).toBe(0)
    expect((await verify(db)).filter(({ name }) => name.includes('bod'))).toEqual([])
  })

  test('of a transaction that failed belong to no page', async () => {
    const { db } = await openTestDatabase()
    const { store } = await open()
    const dying = keepPages(db, store, texts, () => Promise.reject(new Error('killed')))
    await expect(dying).rejects.toThrow('killed')
    expect(await linesOf(db)).toEqual([])
    expect(await db.rows(sql`select from raw_bodies`)).toEqual([])
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
