import { expect, test, vi } from 'vitest'
import { finishTasks } from '#shared/db/operations/finish-tasks.ts'
import { sql } from '#shared/db/sql.ts'
import { invariantNames, verify } from '#shared/db/views/verify.ts'
import { openApi } from '../setup/api.ts'
import { fewAccounts } from '../setup/world.ts'

const page = { status: 404, body: '<html><body>nginx</body></html>' }

/** A world whose lists came as the page of a proxy: they are parked. */
async function broken() {
  const api = await openApi({ observations: fewAccounts(2) })
  api.world.simulators.youtube.plan({ path: '/youtube/v3/playlistItems', times: 100, status: page })
  await api.opened.runOnce()
  api.world.simulators.youtube.clearFaults()
  return api
}

test('what broke is found by its cause, looked at, redriven, and the ledger is whole again', async () => {
  const { world, opened, call } = await broken()
  const { body: causes } = await call('GET', '/v1/parked/causes')
  expect(causes).toMatchObject({
    items: [{ platform: 'youtube', endpoint: 'playlistItems', reason: 'unreadable', count: 2 }],
  })
  const { body: parked } = await call('GET', '/v1/parked?reason=unreadable&limit=1')
  expect(parked).toMatchObject({
    items: [{ endpoint: 'playlistItems', message: expect.any(String) }],
    next: expect.any(String),
  })
  const [first] = (parked as unknown as { items: { id: string }[] }).items
  expect((await call('GET', `/v1/pages/${first?.id}/body`)).body).toEqual({ body: page.body })
  expect((await call('POST', '/v1/parked/redrive', { reason: 'other' })).body).toEqual({
    matched: 0,
    has_more: false,
    redriven: 0,
    sample: [],
  })
  expect(
    (await call('POST', '/v1/parked/redrive', { platform: 'youtube', dry_run: true })).body,
  ).toMatchObject({ matched: 2, redriven: 0 })
  // Mended meanwhile: what is stored is readable now.
  await world.db.rows(sql`
    update raw_bodies set body = '{"kind": "youtube#playlistItemListResponse", "items": []}' where raw_page_id in (select id from raw_pages where status = 'parked')`)
  expect((await call('POST', '/v1/parked/redrive', { platform: 'youtube' })).body).toMatchObject({
    matched: 2,
    redriven: 2,
  })
  await opened.followThrough()
  expect((await call('GET', '/v1/parked')).body).toEqual({ items: [], next: null })
  expect(await world.db.rows(sql`select action from audit_log`)).toEqual([{ action: 'redrive' }])
  expect((await call('GET', '/v1/verify')).body).toEqual({
    ok: true,
    invariants: [...invariantNames],
    findings: [],
  })
  expect(await verify(world.db)).toEqual([])
})

test('dropped pages are no longer parked, and their walk is never taken for whole', async () => {
  const { world, opened, call } = await broken()
  expect((await call('POST', '/v1/parked/drop', { reason: 'unreadable', dry_run: true })).body).toMatchObject(
    {
      matched: 2,
      has_more: false,
      dropped: 0,
    },
  )
  expect((await call('POST', '/v1/parked/drop', { reason: 'unreadable' })).body).toMatchObject({
    matched: 2,
    has_more: false,
    dropped: 2,
  })
  expect((await call('GET', '/v1/parked')).body).toEqual({ items: [], next: null })
  expect((await call('POST', '/v1/parked/drop', {})).body.errors).toMatchObject([{ field: 'reason' }])
  // As if it had been dropped while other pages of its walk were still to be read.
  await world.db.rows(
    sql`update sync_tasks set status = 'transforming', reason = null, finished_at = null, walk_outcome = 'whole'`,
  )
  await finishTasks(world.db, ['1', '2'])
  await opened.followThrough()
  expect(await world.db.rows(sql`select reason from sync_tasks`)).toEqual([
    { reason: 'incomplete' },
    { reason: 'incomplete' },
  ])
  expect(await world.db.rows(sql`select from accounts where whole_walk_at is not null`)).toEqual([])
  expect(await world.db.rows(sql`select action from audit_log`)).toEqual([{ action: 'drop' }])
  expect(await verify(world.db)).toEqual([])
})

test('what is done over one cause leaves the others of its platform as they are', async () => {
  const { world, call } = await broken()
  await world.db.rows(
    sql`update raw_pages set status = 'parked', error = '{"reason": "unreadable"}' where endpoint = 'channels'`,
  )
  const { body: causes } = await call('GET', '/v1/parked/causes')
  expect(causes).toMatchObject({ items: [{ endpoint: 'channels' }, { endpoint: 'playlistItems' }] })
  const cause = { platform: 'youtube', endpoint: 'playlistItems', reason: 'unreadable' }
  expect((await call('POST', '/v1/parked/drop', cause)).body).toMatchObject({ matched: 2, dropped: 2 })
  expect((await call('GET', '/v1/parked/causes')).body).toMatchObject({
    items: [{ endpoint: 'channels', count: 2 }],
  })
})

test('a broken invariant is listed with its violators', async () => {
  const { world, opened, call } = await openApi({ observations: fewAccounts(1) })
  await opened.runOnce()
  await world.db.rows(sql`update raw_pages set normalised = normalised + 1 where id = 1`)
  expect((await call('GET', '/v1/verify')).body).toEqual({
    ok: false,
    invariants: [...invariantNames],
    findings: [
      { name: 'every record of a page is accounted for', count: 1, sample: [{ id: '1', what: 'channels' }] },
    ],
  })
})

test('quota is listed by pool, and health needs no key', async () => {
  const { world, opened, call } = await openApi({ observations: fewAccounts(1) })
  await opened.runOnce()
  const { body } = await call('GET', '/v1/quota')
  expect((body as unknown as { items: { pool: string }[] }).items.map(({ pool }) => pool)).toContain(
    'youtube.general.day',
  )
  const health = await call('GET', '/health', undefined, { 'x-api-key': '' })
  expect(health).toMatchObject({
    status: 200,
    body: { status: 'ok', schema: expect.stringMatching(/^\d{4}_/), faults: [] },
  })
  await world.db.rows(sql`alter table schema_migrations rename to away`)
  // An answer is given again for two seconds.
  expect(await call('GET', '/health')).toEqual(health)
  await vi.waitFor(
    async () =>
      expect(await call('GET', '/health')).toMatchObject({ status: 503, body: { title: 'unavailable' } }),
    5_000,
  )
})

test('syncs are listed, the newest first, and one is cancelled that no other sync waits for', async () => {
  const { world, call } = await openApi({ observations: fewAccounts(2) })
  const [one, two] = world.world.accounts('youtube')
  const sync = async (handle: string | undefined) =>
    (await call('POST', '/v1/syncs', { platform: 'youtube', handle })).body.id
  world.simulators.youtube.plan({ path: '*', times: 100, status: { status: 503, body: '' } })
  const ids = [await sync(one), await sync(one), await sync(two)]
  const { body } = await call('GET', '/v1/syncs?limit=2&origin=http')
  expect(body).toMatchObject({
    items: [{ id: ids[2], tasks: 1, origin: 'http' }, { id: ids[1] }],
    next: ids[1],
  })
  expect((await call('POST', `/v1/syncs/${ids[0]}/cancel`)).body).toEqual({ cancelled: 0, shared: 1 })
  expect((await call('POST', `/v1/syncs/${ids[2]}/cancel`)).body).toEqual({ cancelled: 1, shared: 0 })
  expect((await call('GET', `/v1/syncs/${ids[2]}`)).body).toMatchObject({ state: 'cancelled' })
  expect((await call('POST', '/v1/syncs/999/cancel')).status).toBe(404)
  expect(await world.db.rows(sql`select actor, action, about from audit_log order by id`)).toEqual([
    ...ids.map((id) => ({ actor: 'api', action: 'sync', about: `sync ${id}` })),
    { actor: 'api', action: 'cancel', about: `sync ${ids[0]}` },
    { actor: 'api', action: 'cancel', about: `sync ${ids[2]}` },
  ])
  expect(await verify(world.db)).toEqual([])
})

test('many accounts are asked for at once, one of them twice; what failed is asked for again by a retry', async () => {
  const { world, opened, call } = await openApi({ observations: fewAccounts(3), platforms: [] })
  const [one, two] = world.world.accounts('youtube')
  const accounts = [one, two, one].map((handle) => ({ platform: 'youtube', handle }))
  world.simulators.youtube.plan({
    path: '/youtube/v3/playlistItems',
    times: 1,
    status: { status: 400, body: { error: { code: 400, errors: [{ reason: 'invalidFilters' }] } } },
  })
  const { body: started } = await call('POST', '/v1/syncs', { accounts, mode: 'full', lane: 'backfill' })
  await opened.followThrough()
  const { body: ended } = await call('GET', `/v1/syncs/${started.id}`)
  expect(ended).toMatchObject({ origin: 'backfill', mode: 'full', state: 'failed' })
  expect(ended.tasks).toHaveLength(2)
  const retried = await call('POST', `/v1/syncs/${started.id}/retry`, undefined, {
    'idempotency-key': 'again',
  })
  expect(retried).toMatchObject({ status: 202, body: { url: `/v1/syncs/${retried.body.id}` } })
  const repeated = await call('POST', `/v1/syncs/${started.id}/retry`, undefined, {
    'idempotency-key': 'again',
  })
  expect(repeated).toMatchObject({ status: 202, body: { id: retried.body.id } })
  await opened.followThrough()
  const { body: again } = await call('GET', `/v1/syncs/${retried.body.id}`)
  expect(again).toMatchObject({ origin: 'backfill', mode: 'full', state: 'done' })
  expect(again.tasks).toHaveLength(1)
  expect((await call('POST', `/v1/syncs/${retried.body.id}/retry`)).body).toMatchObject({
    title: 'nothing_to_retry',
  })
  expect((await call('POST', '/v1/syncs/999/retry')).status).toBe(404)
  expect(await verify(world.db)).toEqual([])
})

test('accounts that are followed are asked for by their numbers, planned by them, and are one with their names', async () => {
  const { world, opened, call } = await openApi({ observations: fewAccounts(2) })
  await opened.runOnce()
  const [one, two] = await world.db.rows<{ id: string; handle: string }>(
    sql`select id, handle from accounts order by id`,
  )
  const accounts = [
    { account_id: two?.id },
    { account_id: one?.id },
    { platform: 'youtube', handle: one?.handle },
  ]
  const plan = await call('POST', '/v1/plan', { accounts })
  expect(plan.body).toMatchObject({ accounts: 2, never_read: 0 })
  const { body: started } = await call('POST', '/v1/syncs', { accounts })
  await opened.followThrough()
  expect((await call('GET', `/v1/syncs/${started.id}`)).body).toMatchObject({ accounts: 2, state: 'done' })
  for (const path of ['/v1/syncs', '/v1/plan']) {
    expect((await call('POST', path, { account_id: '999' })).body).toMatchObject({
      status: 422,
      title: 'not_followed',
      errors: [{ field: 'account_id' }],
    })
    const both = await call('POST', path, { account_id: one?.id, platform: 'youtube' })
    expect(both.body.errors).toMatchObject([{ field: 'account_id' }])
  }
  await world.db.rows(sql`update accounts set access_mode = 'import' where id = ${one?.id ?? ''}`)
  for (const path of ['/v1/syncs', '/v1/plan'])
    expect((await call('POST', path, { account_id: one?.id })).body).toMatchObject({ title: 'imported' })
})

test('an imported account that nothing here can read is refused by its name too, and stays what it is', async () => {
  const { world, call } = await openApi({ observations: fewAccounts(1) })
  await world.db.rows(sql`
    insert into accounts (platform, handle, native_id, access_mode) values ('tiktok', 'tom', '7', 'import')`)
  const body = { platform: 'tiktok', handle: 'tom' }
  expect(await call('POST', '/v1/syncs', body)).toMatchObject({ status: 422, body: { title: 'imported' } })
  expect((await call('POST', '/v1/plan', body)).status).toBe(422)
  const [tom] = await world.db.rows(sql`select status, access_mode from accounts where handle = 'tom'`)
  expect(tom).toEqual({ status: 'active', access_mode: 'import' })
})

test('of many accounts the one at fault is named by its place, and none is asked for', async () => {
  const { world, call } = await openApi({ observations: fewAccounts(1), platforms: [] })
  const fine = { platform: 'youtube', handle: '@fine' }
  const errorsOf = async (accounts: object[]) => (await call('POST', '/v1/syncs', { accounts })).body.errors
  expect(await errorsOf([fine, { platform: 'youtube', handle: 'a b' }])).toMatchObject([
    { field: 'accounts.1.handle' },
  ])
  expect(await errorsOf([fine, { platform: 'tiktok', handle: 'tom' }])).toMatchObject([
    { field: 'accounts.1.platform' },
  ])
  expect((await call('POST', '/v1/syncs', { ...fine, accounts: [fine] })).body.errors).toMatchObject([
    { field: 'accounts' },
  ])
  expect(await world.db.rows(sql`select from accounts`)).toEqual([])
})
