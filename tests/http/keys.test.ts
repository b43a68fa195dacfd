import { expect, test } from 'vitest'
import { routes } from '#functions/sync/serve.ts'
import { sql } from '#shared/db/sql.ts'
import { openApi } from '../setup/api.ts'
import { fewAccounts } from '../setup/world.ts'

interface Made {
  readonly id: string
  readonly key: string
}

async function withKey(scopes: readonly string[]) {
  const api = await openApi({ observations: fewAccounts(1) })
  const made = await api.call('POST', '/v1/keys', { name: 'a colleague', scopes })
  expect(made.status).toBe(201)
  const { id, key } = made.body as unknown as Made
  const as = (method: string, path: string, body?: unknown) =>
    api.call(method, path, body, { 'x-api-key': key })
  return { ...api, id, key, as }
}

test('a key does what its scope reaches, stands in the audit log, and is nowhere kept itself', async () => {
  const { world, as, key } = await withKey(['sync'])
  const [native] = world.world.accounts('youtube')
  expect((await as('GET', '/v1/accounts')).status).toBe(200)
  expect((await as('POST', '/v1/accounts', { platform: 'youtube', handle: native })).status).toBe(201)
  const refused = await as('POST', '/v1/erasures', { platform: 'youtube', handle: native })
  expect(refused).toMatchObject({
    status: 403,
    body: { title: 'forbidden', detail: expect.stringContaining('admin') },
  })
  expect((await as('GET', '/v1/keys')).status).toBe(403)
  expect(await world.db.rows(sql`select actor, action from audit_log order by id`)).toEqual([
    { actor: 'api', action: 'make key' },
    { actor: 'a colleague', action: 'follow' },
  ])
  const [found] = await world.db.rows<{ text: string }>(sql`
    select string_agg(t::text, '') as text from (select k::text as t from api_keys k union all select a::text from audit_log a
      union all select r::text from idempotent_requests r) x`)
  expect(found?.text).not.toContain(key)
})

test.for(['read', 'sync'] as const)(
  'a key with the scope %s is refused by each route that takes more',
  async (scope) => {
    const { as } = await withKey([scope])
    const reach = { read: ['read'], sync: ['read', 'sync'] }[scope]
    for (const route of routes) {
      if (route.scope === 'open' || reach.includes(route.scope)) continue
      const body = ['POST', 'PATCH'].includes(route.method) ? {} : undefined
      expect((await as(route.method, route.path.replace('{id}', '1'), body)).status, route.path).toBe(403)
    }
  },
)

test('a revoked key is refused, and its name may be used again', async () => {
  const { call, as, id } = await withKey(['read'])
  expect((await call('GET', '/v1/keys')).body).toMatchObject({
    items: [{ name: 'a colleague', scopes: ['read'] }],
  })
  const again = { name: 'a colleague', scopes: ['read'] }
  expect(await call('POST', '/v1/keys', again)).toMatchObject({ status: 409, body: { title: 'conflict' } })
  expect((await call('DELETE', `/v1/keys/${id}`)).status).toBe(200)
  expect((await as('GET', '/v1/accounts')).status).toBe(401)
  expect((await call('DELETE', `/v1/keys/${id}`)).status).toBe(404)
  expect((await call('POST', '/v1/keys', again)).status).toBe(201)
})

test('no key takes the name of the one of the settings, or of a function', async () => {
  const { call } = await openApi({ observations: fewAccounts(1) })
  for (const name of ['api', ' API ', 'transform'])
    expect(await call('POST', '/v1/keys', { name, scopes: ['read'] })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'name' }] },
    })
})

test('a POST repeated under its Idempotency-Key is carried out once, and with another body refused', async () => {
  const { world, call } = await openApi({ observations: fewAccounts(1) })
  const follow = (handle: string) =>
    call('POST', '/v1/accounts', { platform: 'instagram', handle }, { 'idempotency-key': 'once' })
  const [first, second] = [await follow('a.brand'), await follow('a.brand')]
  expect(second).toMatchObject({ status: 201, body: first.body })
  expect(await world.db.rows(sql`select from audit_log`)).toHaveLength(1)
  expect(await follow('b.brand')).toMatchObject({ status: 409, body: { title: 'idempotency_key_reused' } })
  // What was refused may be asked for again.
  const refused = () =>
    call('POST', '/v1/erasures', { platform: 'tiktok', handle: 'tom' }, { 'idempotency-key': 'two' })
  expect((await refused()).status).toBe(404)
  expect((await refused()).status).toBe(404)
  // Its function died: after a minute it is carried out again.
  await world.db.rows(sql`update idempotent_requests set answer = null where key = 'once'`)
  expect(await follow('a.brand')).toMatchObject({ status: 409, body: { title: 'in_progress' } })
  await world.db.rows(sql`update idempotent_requests set started_at = app_now() - interval '2 minutes'`)
  expect((await follow('a.brand')).status).toBe(201)
})

test('a key has so many calls a minute, and learns when to try again; another key has its own', async () => {
  const { world, call } = await openApi({ observations: fewAccounts(1), env: { API_CALLS_PER_MINUTE: '3' } })
  const { body } = await call('POST', '/v1/keys', { name: 'other', scopes: ['read'] })
  await call('GET', '/v1/accounts')
  await call('GET', '/v1/accounts')
  const refused = await call('GET', '/v1/accounts')
  expect(refused).toMatchObject({ status: 429, body: { title: 'too_many_requests' } })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  const { key } = body as unknown as Made
  expect((await call('GET', '/v1/accounts', undefined, { 'x-api-key': key })).status).toBe(200)
  await world.clock.jumpTo(new Date(world.clock.now().getTime() + 61_000))
  expect((await call('GET', '/v1/accounts')).status).toBe(200)
})
