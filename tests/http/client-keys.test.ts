import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { routes } from '#functions/sync/serve.ts'
import { sql } from '#shared/db/sql.ts'
import { openTwoClients } from '../setup/two-clients.ts'

/** All that answers hold, as text. */
const textOf = async (answer: Promise<{ body: unknown }>) => JSON.stringify((await answer).body)

test('a key that is bound to a client reads what is its own on every route, and what is foreign is not there', async () => {
  const { as, call, world, sync, foreign, posts } = await openTwoClients()
  const [ours, theirs] = posts
  const names = await world.db.rows<{ id: string; name: string }>(
    sql`select id, native_id as name from accounts order by id`,
  )
  await world.db.rows(sql`
    update raw_pages p set status = 'parked', error = '{"reason":"unreadable"}'::jsonb, settled_at = app_now()
    where id in (select min(id) from raw_pages group by account_id)`)
  const pages = await world.db.rows<{ id: string }>(
    sql`select id from raw_pages where status = 'parked' order by account_id`,
  )
  await world.db.rows(sql`
    insert into quarantined_records (raw_page_id, account_id, path, cause, issues, record)
    select id, account_id, 'items.0', 'cause of ' || account_id, '[]', '{}' from raw_pages where status = 'parked'`)
  await world.db.rows(
    sql`update posts set held_at = app_now() where id = any(${posts.map(({ id }) => id)}::bigint[])`,
  )
  const asked: readonly (readonly [string, string])[] = [
    ['/v1/accounts/1', '/v1/accounts/2'],
    ['/v1/accounts/1/posts', '/v1/accounts/2/posts'],
    ['/v1/accounts/1/metrics', '/v1/accounts/2/metrics'],
    ['/v1/accounts/1/syncs', '/v1/accounts/2/syncs'],
    [`/v1/posts/${ours?.id}`, `/v1/posts/${theirs?.id}`],
    [`/v1/posts/${ours?.id}/metrics`, `/v1/posts/${theirs?.id}/metrics`],
    [`/v1/posts/${ours?.id}/why`, `/v1/posts/${theirs?.id}/why`],
    [`/v1/syncs/${sync}`, `/v1/syncs/${foreign}`],
    [`/v1/syncs/${sync}/trace`, `/v1/syncs/${foreign}/trace`],
    [`/v1/pages/${pages[0]?.id}/body`, `/v1/pages/${pages[1]?.id}/body`],
  ]
  for (const [own, other] of asked) {
    expect([own, (await as('GET', own)).status]).toEqual([own, 200])
    expect([other, (await as('GET', other)).status]).toEqual([other, 404])
    expect([other, (await call('GET', other)).status]).toEqual([other, 200])
  }
  const lists = [
    ...[
      '/v1/accounts',
      '/v1/accounts?state=active',
      '/v1/syncs',
      '/v1/parked',
      '/v1/parked/causes',
      '/v1/quarantined',
    ],
    ...[
      '/v1/held-deletions',
      '/v1/record-issues',
      '/v1/overview',
      '/v1/brands',
      '/v1/clients',
      `/v1/syncs/${sync}`,
    ],
    ...[`/v1/syncs/${sync}/trace`, `/v1/posts?platform=youtube&native_id=${theirs?.native_id}`],
  ]
  for (const path of lists) {
    const text = await textOf(as('GET', path))
    expect(text, path).not.toMatch(/Foreign|cause of 2/)
    expect(text, path).not.toContain(names[1]?.name)
    expect(text, path).not.toMatch(/"account_id":"2"/)
  }
  expect(await textOf(as('GET', `/v1/posts?platform=youtube&native_id=${theirs?.native_id}`))).toBe(
    '{"items":[]}',
  )
  expect(await textOf(as('GET', `/v1/posts?platform=youtube&native_id=${ours?.native_id}`))).toContain(
    `"${ours?.id}"`,
  )
  expect((await as('GET', '/v1/parked')).body).toMatchObject({ items: [{ id: pages[0]?.id }] })
  expect((await as('GET', '/v1/parked?account_id=2')).body).toMatchObject({ items: [] })
  expect((await as('GET', '/v1/parked/causes')).body).toMatchObject({ items: [{ count: 1 }] })
  expect((await as('GET', '/v1/overview')).body).toMatchObject({
    accounts: [{ count: 1 }],
    parked: { pages: 1, held_deletions: 1 },
  })
  expect((await as('GET', `/v1/syncs/${sync}`)).body).toMatchObject({
    accounts: 1,
    tasks: [{ account_id: '1' }],
  })
  expect((await as('GET', '/v1/clients')).body).toMatchObject({ items: [{ name: 'Ours', accounts: 1 }] })
  expect((await as('GET', '/v1/brands')).body).toMatchObject({
    items: [{ name: 'Our Brand', accounts: [expect.stringMatching(/^youtube:/)] }],
  })
})

test('what such a key changes is its own alone', async () => {
  const { as, call, world, sync, foreign } = await openTwoClients()
  const [, theirs] = world.world.accounts('youtube')
  const refused: readonly (readonly [string, string, unknown, number])[] = [
    ['PATCH', '/v1/accounts/2', { paused: true }, 404],
    ['PATCH', '/v1/accounts/1', { client: 'Foreign' }, 404],
    ['PATCH', '/v1/accounts/1', { client: null }, 404],
    ['POST', '/v1/accounts/2/unfollow', undefined, 404],
    ['POST', '/v1/accounts/2/follow', undefined, 404],
    ['POST', `/v1/syncs/${foreign}/cancel`, undefined, 404],
    ['POST', `/v1/syncs/${foreign}/retry`, undefined, 404],
    ['POST', '/v1/syncs', { account_id: '2' }, 422],
    ['POST', '/v1/plan', { account_id: '2' }, 422],
    ['POST', '/v1/held-deletions/confirm', { account_id: '2' }, 404],
    ['POST', '/v1/accounts', { platform: 'instagram', handle: 'x.y', client: 'Foreign' }, 404],
  ]
  for (const [method, path, body, status] of refused)
    expect([method, path, (await as(method, path, body)).status]).toEqual([method, path, status])
  const native = (
    await world.db.rows<{ native_id: string }>(sql`select native_id from accounts where id = 2`)
  )[0]?.native_id
  expect(theirs).toBeDefined()
  for (const path of ['/v1/syncs', '/v1/plan', '/v1/accounts'])
    expect([path, (await as('POST', path, { platform: 'youtube', handle: native })).status]).toEqual([
      path,
      404,
    ])
  expect((await as('POST', '/v1/accounts/unfollow', { account_ids: ['2'] })).body).toMatchObject({
    results: [{ status: 'not_found' }],
  })
  await world.db.rows(
    sql`update raw_pages set status = 'parked', settled_at = app_now(), error = '{"reason":"x"}'::jsonb where account_id = 2`,
  )
  for (const [path, body] of [
    ['redrive', {}],
    ['drop', { reason: 'x' }],
  ] as const)
    expect((await as('POST', `/v1/parked/${path}`, body)).body).toMatchObject({ matched: 0 })
  expect((await as('POST', '/v1/accounts', { platform: 'instagram', handle: 'new.one' })).body).toMatchObject(
    { client: 'Ours' },
  )
  const { body: open } = await call('POST', '/v1/syncs', {
    accounts: [{ account_id: '1' }, { account_id: '2' }],
  })
  expect((await as('POST', `/v1/syncs/${open.id}/cancel`)).body).toMatchObject({ cancelled: 1 })
  expect((await call('GET', `/v1/syncs/${open.id}`)).body).toMatchObject({ state: 'running', accounts: 2 })
  expect((await as('POST', `/v1/syncs/${sync}/cancel`)).status).toBe(200)
})

test('brands are common to all: a key that is bound to a client makes none, and names those of its accounts alone', async () => {
  const { as } = await openTwoClients()
  const follow = (brand: string) =>
    as('POST', '/v1/accounts', { platform: 'instagram', handle: 'x.y', brand })
  for (const brand of ['Foreign Brand', 'A new one']) {
    expect(await follow(brand)).toMatchObject({ status: 404, body: { errors: [{ field: 'brand' }] } })
    expect((await as('PATCH', '/v1/accounts/1', { brand })).status).toBe(404)
  }
  expect((await follow('our brand')).body).toMatchObject({ brand: 'Our Brand', client: 'Ours' })
})

test('a release that knows nothing of clients does not find a key that is bound to some', async () => {
  const { world, call } = await openTwoClients()
  const { body } = await call('POST', '/v1/keys', { name: 'plain', scopes: ['read'] })
  const hashes = await world.db.rows<{ name: string; hash: string }>(
    sql`select name, hash from api_keys order by id`,
  )
  const plain = createHash('sha256').update(body.key).digest('hex')
  expect(hashes.find(({ name }) => name === 'plain')?.hash).toBe(plain)
  const bound = await call('POST', '/v1/keys', { name: 'bound', scopes: ['read'], clients: ['Ours'] })
  const hash = createHash('sha256').update(bound.body.key).digest('hex')
  expect(await world.db.rows(sql`select from api_keys where hash = ${hash}`)).toEqual([])
  expect((await call('GET', '/v1/accounts', undefined, { 'x-api-key': bound.body.key })).status).toBe(200)
})

test('what concerns all clients is refused to a key that is bound to some', async () => {
  const { as } = await openTwoClients()
  const forAll = routes.filter(({ scope, isForClients }) => scope !== 'open' && !isForClients)
  for (const { method, path } of forAll) {
    const body = ['POST', 'PATCH'].includes(method) ? {} : undefined
    expect([method, path, (await as(method, path.replace('{id}', '1'), body)).status]).toEqual([
      method,
      path,
      403,
    ])
  }
  // A new route belongs in one of these tests.
  expect(
    routes
      .filter(({ isForClients }) => isForClients)
      .map(({ method, path }) => `${method} ${path}`)
      .sort(),
  ).toMatchInlineSnapshot(`
    [
      "DELETE /v1/connect-links/{id}",
      "GET /v1/accounts",
      "GET /v1/accounts/{id}",
      "GET /v1/accounts/{id}/metrics",
      "GET /v1/accounts/{id}/posts",
      "GET /v1/accounts/{id}/syncs",
      "GET /v1/alerts",
      "GET /v1/brands",
      "GET /v1/clients",
      "GET /v1/connect",
      "GET /v1/connect-links",
      "GET /v1/connect/instagram",
      "GET /v1/connect/tiktok",
      "GET /v1/credentials",
      "GET /v1/events",
      "GET /v1/held-deletions",
      "GET /v1/overview",
      "GET /v1/pages/{id}/body",
      "GET /v1/parked",
      "GET /v1/parked/causes",
      "GET /v1/posts",
      "GET /v1/posts/{id}",
      "GET /v1/posts/{id}/metrics",
      "GET /v1/posts/{id}/why",
      "GET /v1/quarantined",
      "GET /v1/record-issues",
      "GET /v1/report/accounts",
      "GET /v1/report/brands",
      "GET /v1/report/mentions",
      "GET /v1/report/posts",
      "GET /v1/syncs",
      "GET /v1/syncs/{id}",
      "GET /v1/syncs/{id}/trace",
      "PATCH /v1/accounts/{id}",
      "POST /v1/accounts",
      "POST /v1/accounts/batch",
      "POST /v1/accounts/unfollow",
      "POST /v1/accounts/{id}/follow",
      "POST /v1/accounts/{id}/unfollow",
      "POST /v1/accounts:batch",
      "POST /v1/connect-links",
      "POST /v1/held-deletions/confirm",
      "POST /v1/parked/drop",
      "POST /v1/parked/redrive",
      "POST /v1/plan",
      "POST /v1/syncs",
      "POST /v1/syncs/{id}/cancel",
      "POST /v1/syncs/{id}/retry",
    ]
  `)
})
