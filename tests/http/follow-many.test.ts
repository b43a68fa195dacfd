import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { openApi } from '../setup/api.ts'
import { fewAccounts } from '../setup/world.ts'

interface Line {
  readonly index: number
  readonly status: string
  readonly account?: { readonly id: string; readonly handle: string | null }
  readonly problem?: { readonly type: string; readonly title: string; readonly errors: object[] }
}

async function open() {
  const api = await openApi({ observations: [] })
  const follow = async (accounts: readonly unknown[], more: object = {}, path = '/v1/accounts:batch') => {
    const answer = await api.call('POST', path, { accounts, ...more })
    return { status: answer.status, results: (answer.body as unknown as { results: Line[] }).results }
  }
  const rows = () =>
    api.world.db.rows(sql`
      select a.platform, a.handle, c.name as client, b.name as brand, a.tags from accounts a
      left join clients c on c.id = a.client_id left join brands b on b.id = a.brand_id order by a.id`)
  return { ...api, follow, rows }
}

test('a pasted list is followed at once: an answer for each line in its place, and one bad line stops no other', async () => {
  const { follow, rows, world } = await open()
  const lines = [
    {
      handle: 'https://www.youtube.com/@zerno.coffee',
      client: 'Zerno',
      brand: 'Zerno Coffee',
      tags: ['Coffee', 'ru'],
    },
    { handle: 'https://www.instagram.com/p/Cxyz/' },
    { platform: 'youtube', handle: '@Zerno.Coffee', tags: ['shop'] },
    { platform: 'instagram', handle: 'a.brand', client: 'zerno!' },
    { platform: 'tiktok', handle: 'nobody.here' },
    { handle: 5 },
    { platform: 'instagram', handle: 'b.brand', client: 'Z\u0000' },
    'youtube:@x',
    { platform: 'youtube', handle: 'UCaaaaaaaaaaaaaaaaaaaaaa' },
  ]
  const { status, results } = await follow(lines, { client: 'Others' })
  expect(status).toBe(200)
  expect(results.map(({ index, status: one }) => [index, one])).toEqual([
    [0, 'followed'],
    [1, 'refused'],
    [2, 'refused'],
    [3, 'followed'],
    [4, 'refused'],
    [5, 'refused'],
    [6, 'refused'],
    [7, 'refused'],
    [8, 'followed'],
  ])
  // Without a client of its own the line is for that of all lines, and the account has another one.
  expect(results[2]?.problem).toMatchObject({
    type: 'urn:social-sync:problem:other_client',
    errors: [{ field: 'client' }],
  })
  expect(results[4]?.problem?.title).toBe('unsupported')
  expect(results[5]?.problem).toMatchObject({ title: 'invalid_line', errors: [{ field: 'handle' }] })
  expect(await rows()).toEqual([
    { platform: 'instagram', handle: 'a.brand', client: 'Zerno', brand: null, tags: [] },
    { platform: 'youtube', handle: null, client: 'Others', brand: null, tags: [] },
    {
      platform: 'youtube',
      handle: 'zerno.coffee',
      client: 'Zerno',
      brand: 'Zerno Coffee',
      tags: ['coffee', 'ru'],
    },
  ])
  const again = await follow(lines, { client: 'Others' }, '/v1/accounts/batch')
  expect(again.results.map((line) => line.status)).toEqual([
    ...['known', 'refused', 'refused', 'known', 'refused', 'refused', 'refused', 'refused', 'known'],
  ])
  expect(again.results[0]?.account).toEqual(results[0]?.account)
  expect(await verify(world.db)).toEqual([])
})

test('a line twice is followed once, and what both say is kept', async () => {
  const { follow, rows } = await open()
  const { results } = await follow([
    { platform: 'instagram', handle: 'a.brand', tags: ['one'] },
    { platform: 'instagram', handle: '@A.Brand', client: 'Zerno', tags: ['two'] },
    { platform: 'instagram', handle: 'a.brand', client: 'Another' },
  ])
  expect(results.map(({ status, account }) => [status, account?.id])).toEqual([
    ['followed', '1'],
    ['known', '1'],
    ['refused', undefined],
  ])
  expect(await rows()).toMatchObject([{ client: 'Zerno', tags: ['one', 'two'] }])
})

test('a thousand accounts take as many statements as ten', async () => {
  const { follow, world } = await open()
  const lines = (count: number, from: string) =>
    Array.from({ length: count }, (_, number) => ({
      ...{ platform: 'instagram', handle: `${from}${number}`, client: `Client ${number % 12}` },
      tags: [`t${number % 3}`],
    }))
  expect((await follow(lines(1_000, 'many'))).results.every(({ status }) => status === 'followed')).toBe(true)
  expect((await follow(lines(1_000, 'many'))).results.every(({ status }) => status === 'known')).toBe(true)
  const [count] = await world.db.rows(
    sql`select count(*)::int as accounts, count(distinct client_id)::int as clients from accounts`,
  )
  expect(count).toEqual({ accounts: 1_000, clients: 12 })
  expect((await follow(lines(1_001, 'more'))).status).toBe(400)
})

test('two lists at once that hold the same accounts in opposite order follow each once', async () => {
  const { follow, world } = await open()
  const lines = Array.from({ length: 200 }, (_, number) => ({
    ...{ platform: 'instagram', handle: `both${number}`, client: `C${number % 7}`, brand: `B${number % 5}` },
  }))
  const [one, other] = await Promise.all([follow(lines), follow(lines.toReversed())])
  expect([...one.results, ...other.results].filter(({ status }) => status === 'refused')).toEqual([])
  const [count] = await world.db.rows(sql`select count(*)::int as accounts from accounts`)
  expect(count).toEqual({ accounts: 200 })
})

test('an account is unfollowed and followed again with its history, while one that is erased is not', async () => {
  const { world, opened, call } = await openApi({ observations: fewAccounts(1) })
  await opened.runOnce()
  const [native] = world.world.accounts('youtube')
  const counted = async () =>
    (
      await world.db.rows(
        sql`select (select count(*)::int from posts) as posts, (select count(*)::int from post_metrics) as metrics`,
      )
    )[0]
  const before = await counted()
  expect(await call('POST', '/v1/accounts/1/unfollow')).toMatchObject({
    status: 200,
    body: { status: 'unfollowed', next_sync_at: null },
  })
  expect((await call('GET', '/v1/accounts')).body).toMatchObject({ items: [] })
  expect((await call('GET', '/v1/accounts?state=unfollowed')).body).toMatchObject({ items: [{ id: '1' }] })
  await world.db.rows(sql`update accounts set next_sync_at = app_now()`)
  await opened.cloud.triggers.tick('extract-youtube')
  expect(await world.db.rows(sql`select from sync_tasks where status in ('queued', 'extracting')`)).toEqual(
    [],
  )
  expect(await call('POST', '/v1/syncs', { account_id: '1' })).toMatchObject({
    status: 422,
    body: { title: 'unfollowed' },
  })
  const again = await call('POST', '/v1/accounts/batch', {
    accounts: [{ platform: 'youtube', handle: native }],
  })
  expect(again.body).toMatchObject({ results: [{ status: 'followed', account: { id: '1' } }] })
  expect(await counted()).toEqual(before)
  await opened.cloud.triggers.tick('extract-youtube')
  expect(await world.db.rows(sql`select id from sync_tasks where status <> 'done'`)).toHaveLength(1)
  expect(await verify(world.db)).toEqual([])
})

test('unfollowing in the middle of a walk keeps what was read, and its sync says that it was cancelled', async () => {
  const { world, opened, call } = await openApi({ observations: fewAccounts(1) })
  const { body: sync } = await call('POST', '/v1/syncs', { account_id: '1' })
  await world.db.rows(sql`update sync_tasks set again = true, again_mode = 'full'`)
  const many = await call('POST', '/v1/accounts/unfollow', { account_ids: ['1', '99', '1'] })
  expect(many.body).toMatchObject({
    results: [
      { index: 0, account_id: '1', status: 'unfollowed' },
      { index: 1, account_id: '99', status: 'not_found' },
      { index: 2, account_id: '1', status: 'unfollowed' },
    ],
  })
  await opened.runOnce()
  expect((await call('GET', `/v1/syncs/${sync.id}`)).body).toMatchObject({ state: 'cancelled' })
  expect(await world.db.rows(sql`select status, again from sync_tasks`)).toEqual([
    { status: 'done', again: false },
  ])
  expect((await call('POST', '/v1/accounts/unfollow', { account_ids: ['1'] })).body).toMatchObject({
    results: [{ status: 'known' }],
  })
  expect(await verify(world.db)).toEqual([])
})

test('an account erased by mistake is admitted again by an admin with a reason, and never after a request of its owner', async () => {
  const { call, world } = await openApi({ observations: fewAccounts(2) })
  const [one, other] = (
    await world.db.rows<{ native_id: string }>(sql`select native_id from accounts order by id`)
  ).map(({ native_id }) => native_id)
  const name = (handle: string | undefined) => ({ platform: 'youtube', handle })
  expect((await call('DELETE', '/v1/accounts/1')).status).toBe(200)
  expect((await call('DELETE', '/v1/accounts/2?requested_by=owner')).status).toBe(200)
  for (const handle of [one, other])
    expect(await call('POST', '/v1/accounts', name(handle))).toMatchObject({
      status: 422,
      body: { title: 'erased' },
    })
  expect((await call('POST', '/v1/admissions', name(one))).status).toBe(400)
  const admit = (handle: string | undefined) =>
    call('POST', '/v1/admissions', { ...name(handle), reason: 'the wrong one was clicked' })
  expect((await admit(one)).status).toBe(200)
  expect((await admit(one)).status).toBe(404)
  expect(await admit(other)).toMatchObject({ status: 422, body: { title: 'erased' } })
  expect((await call('POST', '/v1/accounts', name(one))).status).toBe(201)
  expect((await call('POST', '/v1/accounts', name(other))).status).toBe(422)
  expect(
    await world.db.rows(sql`select details ->> 'reason' as reason from audit_log where action = 'admit'`),
  ).toEqual([{ reason: 'the wrong one was clicked' }])
})

test('accounts are erased in bulk, each with its answer', async () => {
  const { call, world } = await openApi({ observations: fewAccounts(2) })
  const { body } = await call('POST', '/v1/erasures/batch', { account_ids: ['1', '77', '2'] })
  expect(body).toMatchObject({
    results: [{ status: 'erased' }, { status: 'not_found' }, { status: 'erased' }],
  })
  expect(await verify(world.db)).toEqual([])
})
