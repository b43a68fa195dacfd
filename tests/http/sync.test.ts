import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { openApi } from '../setup/api.ts'

test('a sync asked for over HTTP goes from 202 to done, and says on the way what it waits for', async () => {
  const { world, opened, call } = await openApi()
  const started = await call('POST', '/v1/syncs', { platform: 'youtube', handle: '@zerno.coffee' })
  expect(started.status).toBe(202)
  expect(started.headers.get('location')).toBe(`/v1/syncs/${started.body.id}`)
  const begun = await call('GET', `/v1/syncs/${started.body.id}`)
  expect(begun.body).toMatchObject({
    ...{ state: 'running', origin: 'http', mode: 'incremental' },
    finished_at: null,
  })
  expect(begun.body.tasks[0]?.waits_for).toEqual(expect.any(String))
  await opened.followThrough()
  const done = await call('GET', `/v1/syncs/${started.body.id}`)
  expect(done.body).toMatchObject({
    state: 'done',
    finished_at: expect.any(String),
    tasks: [{ handle: 'zerno.coffee', status: 'done', waits_for: null }],
  })
  const [posts] = await world.db.rows<{ count: number }>(sql`select count(*)::int as count from posts`)
  expect(done.body.tasks[0]?.ml_jobs.done).toBeGreaterThan(0)
  expect(posts?.count).toBeGreaterThan(0)
})

test('the same Idempotency-Key gives the same sync, and with another body a 409', async () => {
  const { world, call } = await openApi()
  const [native] = world.world.accounts('youtube')
  const ask = (handle: string) =>
    call('POST', '/v1/syncs', { platform: 'youtube', handle }, { 'idempotency-key': 'once' })
  const first = await ask(native ?? '')
  expect(await ask(native ?? '')).toMatchObject({ status: 202, body: { id: first.body.id } })
  expect(await ask('@somebody')).toMatchObject({
    status: 409,
    body: { title: 'idempotency_key_reused', status: 409 },
  })
  const countOf = async () => (await world.db.rows(sql`select from sync_jobs`)).length
  expect(await countOf()).toBe(1)
  // Another caller's key of that name is another key.
  const { body: other } = await call('POST', '/v1/keys', { name: 'other', scopes: ['sync'] })
  const headers = { 'x-api-key': other.key, 'idempotency-key': 'once' }
  expect((await call('POST', '/v1/syncs', { platform: 'youtube', handle: native }, headers)).status).toBe(202)
  expect(await countOf()).toBe(2)
})

test('two requests at once for an account join one task', async () => {
  const { world, call } = await openApi()
  const body = { platform: 'youtube', handle: world.world.accounts('youtube')[1] }
  await Promise.all([1, 2, 3, 4].map(() => call('POST', '/v1/syncs', body)))
  const [walking] = await world.db.rows<{ count: number }>(sql`
    select count(*)::int as count from sync_tasks where status in ('queued', 'waiting', 'extracting', 'transforming')`)
  expect(walking?.count).toBeLessThanOrEqual(1)
  const [linked] = await world.db.rows<{ count: number }>(
    sql`select count(distinct sync_job_id)::int as count from sync_job_tasks`,
  )
  expect(linked?.count).toBe(4)
})

test.for([
  {
    name: 'no key',
    path: '/v1/syncs',
    headers: { 'x-api-key': '' },
    body: {},
    status: 401,
    title: 'unauthorized',
  },
  {
    name: 'a wrong key',
    path: '/v1/syncs',
    headers: { 'x-api-key': 'x'.repeat(32) },
    body: {},
    status: 401,
    title: 'unauthorized',
  },
  { name: 'no JSON', path: '/v1/syncs', headers: {}, body: '{', status: 400, title: 'invalid_body' },
  {
    name: 'an unknown platform',
    path: '/v1/syncs',
    headers: {},
    body: { platform: 'myspace', handle: 'tom' },
    status: 400,
    title: 'invalid_body',
    field: 'platform',
  },
  {
    name: 'a malformed handle',
    path: '/v1/syncs',
    headers: {},
    body: { platform: 'youtube', handle: 'a b' },
    status: 400,
    title: 'invalid_body',
    field: 'handle',
  },
  {
    name: 'a handle that Instagram cannot have',
    path: '/v1/syncs',
    headers: {},
    body: { platform: 'instagram', handle: '.имя' },
    status: 400,
    title: 'invalid_body',
    field: 'handle',
  },
  {
    name: 'an address on another platform',
    path: '/v1/syncs',
    headers: {},
    body: { platform: 'youtube', handle: 'https://www.tiktok.com/@tom' },
    status: 400,
    title: 'invalid_body',
    field: 'handle',
  },
  {
    name: 'an address that is of no account',
    path: '/v1/syncs',
    headers: {},
    body: { handle: 'https://www.youtube.com/%E0%A4%A' },
    status: 400,
    title: 'invalid_body',
    field: 'handle',
  },
  {
    name: 'a TikTok account without consent',
    path: '/v1/syncs',
    headers: {},
    body: { platform: 'tiktok', handle: 'tom' },
    status: 422,
    title: 'unsupported',
    field: 'platform',
  },
  {
    name: 'a key with spaces',
    path: '/v1/syncs',
    headers: { 'idempotency-key': 'a b' },
    body: { platform: 'youtube', handle: 'tom' },
    status: 400,
    title: 'invalid_header',
    field: 'Idempotency-Key',
  },
  { name: 'another address', path: '/v2/anything', headers: {}, body: {}, status: 404, title: 'not_found' },
])('$name is a problem with status $status', async ({ path, headers, body, status, title, field }) => {
  const { call } = await openApi()
  const answer = await call('POST', path, body, headers as Record<string, string>)
  expect(answer.status).toBe(status)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(answer.body).toMatchObject({ title, status })
  if (field) expect(answer.body.errors[0]?.field).toBe(field)
})

test('a sync that is not there, or not a number, is a 404', async () => {
  const { call } = await openApi()
  for (const id of ['999', 'abc', '1e3', '%27'])
    expect((await call('GET', `/v1/syncs/${id}`)).status).toBe(404)
})

test('a body that the gateway encoded is read', async () => {
  const { world, call } = await openApi()
  const body = { platform: 'youtube', handle: world.world.accounts('youtube')[0] }
  expect((await call('POST', '/v1/syncs', body, { 'content-type': 'text/plain' })).status).toBe(202)
})
