import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { openApi } from '../setup/api.ts'
import { fewAccounts } from '../setup/world.ts'

interface List {
  readonly items: readonly { readonly id: string; readonly handle: string; readonly posts: number }[]
  readonly next: string | null
}

test('accounts are listed page by page, with how fresh they are and how they are doing', async () => {
  const { opened, call } = await openApi()
  await opened.runOnce()
  const all = (await call('GET', '/v1/accounts')).body as unknown as List
  expect(all.items).toHaveLength(3)
  expect(all).toMatchObject({
    next: null,
    items: [{ platform: 'youtube', status: 'active', last_sync: 'done', access_mode: 'public_key' }, {}, {}],
  })
  expect(all.items[0]?.posts).toBeGreaterThan(0)
  const first = (await call('GET', '/v1/accounts?limit=2')).body as unknown as List
  expect(first).toEqual({ items: all.items.slice(0, 2), next: all.items[1]?.id })
  const rest = (await call('GET', `/v1/accounts?limit=2&after=${first.next}`)).body as unknown as List
  expect(rest).toEqual({ items: all.items.slice(2), next: null })
  expect((await call('GET', '/v1/accounts?platform=tiktok')).body).toEqual({ items: [], next: null })
})

test('an account is paused, left alone, and goes on when it is let', async () => {
  const { world, opened, call } = await openApi({ observations: fewAccounts(1) })
  const change = (body: object) => call('PATCH', '/v1/accounts/1', body)
  expect((await change({ paused: true })).body).toMatchObject({ status: 'paused', next_sync_at: null })
  await world.db.rows(sql`update accounts set next_sync_at = app_now()`)
  await opened.cloud.triggers.tick('extract-youtube')
  expect(await world.db.rows(sql`select from sync_tasks`)).toEqual([])
  expect((await change({ paused: false })).body).toMatchObject({ status: 'active', status_reason: null })
  await opened.cloud.triggers.tick('extract-youtube')
  expect(await world.db.rows(sql`select from sync_tasks`)).toHaveLength(1)
  expect(await world.db.rows(sql`select action, about, details from audit_log order by id`)).toMatchObject([
    { action: 'change', about: 'account 1', details: '{"paused": true}' },
    { action: 'change', about: 'account 1' },
  ])
})

test('a new rhythm counts from now', async () => {
  const { call, world } = await openApi({ observations: fewAccounts(1) })
  await world.db.rows(sql`update accounts set next_sync_at = app_now() + interval '1 day'`)
  const { body } = await call('PATCH', '/v1/accounts/1', { sync_every_minutes: 30 })
  expect(body).toMatchObject({ sync_every_minutes: 30 })
  const [due] = await world.db.rows<{ minutes: number }>(
    sql`select round(extract(epoch from next_sync_at - app_now()) / 60)::int as minutes from accounts`,
  )
  expect(due?.minutes).toBe(30)
})

test.for([
  { method: 'GET', path: '/v1/accounts?limit=0', status: 400, field: 'limit' },
  { method: 'GET', path: '/v1/accounts?platform=myspace', status: 400, field: 'platform' },
  { method: 'GET', path: '/v1/accounts?after=x', status: 400, field: 'after' },
  {
    method: 'PATCH',
    path: '/v1/accounts/1',
    body: { sync_every_minutes: 1 },
    status: 400,
    field: 'sync_every_minutes',
  },
  { method: 'PATCH', path: '/v1/accounts/1', body: { status: 'active' }, status: 400, field: 'body' },
  { method: 'PATCH', path: '/v1/accounts/99', body: { paused: true }, status: 404 },
  { method: 'GET', path: '/v1/accounts/99', status: 404 },
  { method: 'GET', path: '/v1/accounts/%27', status: 404 },
  { method: 'DELETE', path: '/v1/accounts/99', status: 404 },
])('$method $path is $status', async ({ method, path, body, status, field }) => {
  const { call } = await openApi({ observations: fewAccounts(1) })
  const answer = await call(method, path, body)
  expect(answer.status).toBe(status)
  if (field) expect(answer.body.errors.map((error) => error.field)).toContain(field)
})

test('an account is erased by its number', async () => {
  const { world, opened, call } = await openApi({ observations: fewAccounts(1) })
  await opened.runOnce()
  expect(await call('DELETE', '/v1/accounts/1')).toMatchObject({ status: 200, body: { account_id: '1' } })
  expect(await world.db.rows(sql`select from posts`)).toEqual([])
  expect((await call('GET', '/v1/accounts')).body).toEqual({ items: [], next: null })
  expect((await call('GET', '/v1/accounts/1')).status).toBe(404)
})

test.for([
  { handle: 'https://www.youtube.com/@zerno.coffee/videos?x=1', platform: 'youtube', name: 'zerno.coffee' },
  { handle: 'youtube.com/channel/UCaaaaaaaaaaaaaaaaaaaaaa', platform: 'youtube', name: null },
  { handle: 'https://instagram.com/a.brand/', platform: 'instagram', name: 'a.brand' },
])('the pasted address $handle follows its account', async ({ handle, platform, name }) => {
  const { call, world } = await openApi({ observations: [] })
  const followed = await call('POST', '/v1/accounts', { handle, sync_every_minutes: 60 })
  expect(followed).toMatchObject({
    status: 201,
    body: { platform, handle: name, sync_every_minutes: 60, status: 'active' },
  })
  expect(followed.headers.get('location')).toBe(`/v1/accounts/${followed.body.id}`)
  expect((await call('POST', '/v1/accounts', { handle })).body.id).toBe(followed.body.id)
  expect(await world.db.rows(sql`select from accounts`)).toHaveLength(1)
})

test.for([
  { body: { handle: '@tom' }, status: 400, field: 'platform' },
  { body: { handle: 'https://example.com/@tom' }, status: 400, field: 'handle' },
  { body: { platform: 'instagram', handle: 'https://www.youtube.com/@tom.x' }, status: 400, field: 'handle' },
  {
    body: { platform: 'instagram', handle: 'https://www.instagram.com/p/Cxyz/' },
    status: 400,
    field: 'handle',
  },
  { body: { handle: 'https://www.tiktok.com/@tom' }, status: 422, field: 'platform' },
])('$body cannot be followed: $status', async ({ body, status, field }) => {
  const { call, world } = await openApi({ observations: [] })
  const answer = await call('POST', '/v1/accounts', body)
  expect(answer.status).toBe(status)
  expect(answer.body.errors[0]?.field).toBe(field)
  expect(await world.db.rows(sql`select from accounts`)).toEqual([])
})
