import { expect, test } from 'vitest'
import { raw, sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { accountPool } from '#shared/model/quota.ts'
import { openApi } from '../setup/api.ts'
import { openGate } from '../setup/gate.ts'
import { people } from '../setup/instagram.ts'
import { fewAccounts, openTestWorld } from '../setup/world.ts'

const tables = [
  ...['profiles', 'profile_metrics', 'posts', 'post_latest', 'post_metrics', 'post_media', 'post_hashtags'],
  ...[
    'post_mentions',
    'sync_tasks',
    'sync_job_tasks',
    'raw_pages',
    'raw_bodies',
    'ml_jobs',
    'ml_plans',
    'ml_waits',
  ],
  ...['annotations', 'credentials', 'quarantined_records'],
]

/** How many rows each table has. */
async function rowCounts(
  db: Awaited<ReturnType<typeof openTestWorld>>['db'],
): Promise<Record<string, number>> {
  const counts = tables.map((table) => `'${table}', (select count(*) from ${table})`).join(', ')
  const [row] = await db.rows<{ counts: string }>(raw(`select json_build_object(${counts}) as counts`))
  return JSON.parse(row?.counts ?? '{}')
}
const nothing = Object.fromEntries(tables.map((table) => [table, 0]))

test('one call erases an account with everything that was known of it, and it is not followed again', async () => {
  const { world, opened, call } = await openApi({ observations: fewAccounts(1) })
  await opened.runOnce()
  const [account] = await world.db.rows<{ id: string; handle: string; native_id: string }>(
    sql`select id, handle, native_id from accounts`,
  )
  // Calls that were made by its right, before its id was known and after.
  for (const name of [account?.handle ?? '', account?.native_id ?? ''])
    await world.db.rows(sql`
      insert into quota_windows (pool, window_start, used, "limit")
      values (${`${accountPool('youtube', name)}.hour`}, app_now(), 1, 10)`)
  const erased = await call('POST', '/v1/erasures', { platform: 'youtube', handle: `@${account?.handle}` })
  expect(erased).toMatchObject({ status: 200, body: { account_id: account?.id, posts: expect.any(Number) } })
  expect(await rowCounts(world.db)).toEqual(nothing)
  expect(await world.db.rows(sql`select status, handle, native_id from accounts`)).toEqual([
    { status: 'erased', handle: null, native_id: null },
  ])
  expect(await world.db.rows(sql`select pool from quota_windows where pool like '%.account.%'`)).toEqual([])
  expect(await world.db.rows(sql`select actor, action, about from audit_log`)).toEqual([
    { actor: 'api', action: 'erase', about: `account ${account?.id}` },
  ])
  for (const handle of [account?.handle.toUpperCase(), account?.native_id]) {
    expect(await call('POST', '/v1/syncs', { platform: 'youtube', handle })).toMatchObject({
      status: 422,
      body: { title: 'erased', errors: [{ field: 'handle' }] },
    })
    expect((await call('POST', '/v1/erasures', { platform: 'youtube', handle })).status).toBe(404)
  }
  const everything = await world.db.rows<{ text: string }>(
    raw(
      `select e::text as text from erasures e union all select a::text from audit_log a union all select j::text from sync_jobs j`,
    ),
  )
  for (const { text } of everything)
    expect(text).not.toMatch(new RegExp(`${account?.handle}|${account?.native_id}`))
  expect(await verify(world.db)).toEqual([])
})

test('an erased account that is followed under another name is erased again with its first answer', async () => {
  const { world, opened, call } = await openApi({
    observations: fewAccounts(1),
    env: { CREDENTIALS_KEY: undefined },
  })
  await opened.runOnce()
  const [account] = await world.db.rows<{ handle: string }>(sql`select handle from accounts`)
  const erased = await call('POST', '/v1/erasures', { platform: 'youtube', handle: account?.handle })
  expect(erased.body).toMatchObject({ remembered: ['native_id'] })
  // Without a data key its handle is not known any more, and it is asked about once.
  expect((await call('POST', '/v1/syncs', { platform: 'youtube', handle: account?.handle })).status).toBe(202)
  await opened.followThrough()
  expect(await world.db.rows(sql`select status, handle, native_id from accounts order by id`)).toEqual([
    { status: 'erased', handle: null, native_id: null },
    { status: 'erased', handle: null, native_id: null },
  ])
  expect(await rowCounts(world.db)).toEqual(nothing)
  expect(await world.db.rows(sql`select actor from audit_log where action = 'erase' order by id`)).toEqual([
    { actor: 'api' },
    { actor: 'transform' },
  ])
  expect(await verify(world.db)).toEqual([])
})

test('without the key that recognises erased handles nothing is followed, and the answer says to try later', async () => {
  const { world, opened, call } = await openApi({ observations: fewAccounts(2) })
  await opened.runOnce()
  const [one, two] = world.world.accounts('youtube')
  await call('POST', '/v1/erasures', { platform: 'youtube', handle: one })
  await world.db.rows(sql`update erasures set hash = 'of another key' where platform = 'key'`)
  expect(await call('POST', '/v1/syncs', { platform: 'youtube', handle: two })).toMatchObject({
    status: 503,
    body: { title: 'unavailable' },
  })
})

test('what an account said before it edited its posts goes within a day', async () => {
  const { world, opened, call } = await openApi({ observations: fewAccounts(1) })
  await opened.runOnce()
  // Edited since: it has another content.
  await world.db.rows(sql`update posts set text_key = null where id = 1`)
  const [account] = world.world.accounts('youtube')
  await call('POST', '/v1/erasures', { platform: 'youtube', handle: account })
  await world.clock.jumpTo(new Date(world.clock.now().getTime() + 25 * 3_600_000))
  await opened.cloud.triggers.tick('maintain')
  expect(await rowCounts(world.db)).toEqual(nothing)
})

test('finds of its name in posts of others, and rows that were followed twice, go too', async () => {
  const all = people([
    { username: 'a.brand', posts: 2 },
    { username: 'other.brand', posts: 1 },
  ])
  const { world, opened, call } = await openApi({ observations: all, platforms: ['instagram'] })
  await opened.runOnce()
  await world.db.rows(sql`
    insert into accounts (platform, handle, access_mode, status) values ('instagram', 'other.brand', 'public_discovery', 'unsupported')`)
  await call('POST', '/v1/erasures', { platform: 'instagram', handle: 'other.brand' })
  expect(await world.db.rows(sql`select source, handle from post_mentions`)).toEqual([])
  expect(await world.db.rows(sql`select handle, status from accounts order by id`)).toEqual([
    { handle: 'a.brand', status: 'active' },
    { handle: null, status: 'erased' },
    { handle: null, status: 'erased' },
  ])
  expect(await verify(world.db)).toEqual([])
})

test('another account keeps all it has, also what both had in common', async () => {
  const { world, opened, call } = await openApi({ observations: fewAccounts(2) })
  await opened.runOnce()
  const kept = () =>
    world.db.rows(sql`
      select p.native_id, count(n.*)::int as annotations from accounts a join posts p on p.account_id = a.id
      left join post_annotations n on n.post_id = p.id where a.id = 1 group by 1 order by 1`)
  // Both posted the same text: it was annotated once.
  await world.db.rows(sql`
    update posts set text_key = (select min(text_key::text)::uuid from posts where account_id = 1)
    where id = (select min(id) from posts where account_id = 2)`)
  const before = await kept()
  const [other] = await world.db.rows<{ handle: string }>(sql`select handle from accounts where id = 2`)
  expect((await call('POST', '/v1/erasures', { platform: 'youtube', handle: other?.handle })).status).toBe(
    200,
  )
  expect(await kept()).toEqual(before)
  expect(await world.db.rows(sql`select from posts where account_id = 2`)).toEqual([])
  expect(await verify(world.db)).toEqual([])
})

test('pages not read yet and ML jobs under way go too, and what comes back of them finds nothing to write to', async () => {
  const { world, opened, call } = await openApi({
    observations: fewAccounts(1),
    ml: { durationMs: () => 3_600_000 },
  })
  await world.db.rows(sql`update accounts set next_sync_at = app_now()`)
  await opened.cloud.triggers.tick('extract-youtube')
  while (!opened.cloud.triggers.idle()) await new Promise((resolve) => setTimeout(resolve, 5))
  await opened.cloud.triggers.tick('poll')
  const [open] = await world.db.rows<{ jobs: number }>(
    sql`select count(*)::int as jobs from ml_jobs where status = 'submitted'`,
  )
  expect(open?.jobs).toBeGreaterThan(0)
  const [account] = world.world.accounts('youtube')
  await call('POST', '/v1/erasures', { platform: 'youtube', handle: account })
  await world.clock.jumpTo(new Date(world.clock.now().getTime() + 7_200_000))
  await opened.followThrough()
  expect(await rowCounts(world.db)).toEqual(nothing)
  expect(world.failures).toEqual([])
  expect(await verify(world.db)).toEqual([])
})

test.for([3, 6, 9, 14, 20])(
  'erased while it is read, at port call %i, no row of it comes back',
  async (at) => {
    const world = await openTestWorld({ observations: fewAccounts(1) })
    const { eraseAccount } = await import('#shared/db/operations/erase.ts')
    let passed = 0
    const gate = openGate(() => false)
    const opened = await world.open((name, ports) => {
      const changed = gate.change(name, ports)
      if (name !== 'extract-youtube' && name !== 'transform') return changed
      const before = async () => {
        passed += 1
        if (passed === at) await eraseAccount(world.db, '1', { actor: 'test', hashHandle: null })
      }
      const { db } = changed
      return {
        ...changed,
        db: {
          ...db,
          rows: async (statement) => {
            await before()
            return db.rows(statement)
          },
          transaction: async (work) => {
            await before()
            return db.transaction(work)
          },
        },
      }
    })
    await world.db.rows(sql`update accounts set next_sync_at = app_now()`)
    await opened.cloud.triggers.tick('extract-youtube')
    await opened.followThrough()
    await opened.close()
    expect(passed).toBeGreaterThanOrEqual(at)
    expect(await rowCounts(world.db)).toEqual(nothing)
    expect(await verify(world.db)).toEqual([])
  },
)
