import { expect, test } from 'vitest'
import { routes } from '#functions/sync/serve.ts'
import { sql } from '#shared/db/sql.ts'
import { openApi } from '../setup/api.ts'
import { fewAccounts } from '../setup/world.ts'

// The OWASP API Security Top 10 of 2023, as far as each applies. Beside these: API5 (each scope against each route) and
// the rate of a key in keys.test.ts, API9 (the document names every route) in openapi.test.ts, API10 (foreign answers)
// in tests/connectors and, as text in pages, in tests/console.

test('API1: a number of one kind of thing gives nothing of another kind, and erased things are not there', async () => {
  const { world, opened, call } = await openApi({ observations: fewAccounts(1) })
  await opened.runOnce()
  const [post] = await world.db.rows<{ id: string }>(sql`select max(id)::text as id from posts`)
  expect((await call('GET', `/v1/accounts/${post?.id}`)).status).toBe(404)
  expect((await call('GET', `/v1/accounts/${post?.id}/posts`)).status).toBe(404)
  expect((await call('DELETE', '/v1/accounts/1')).status).toBe(200)
  for (const path of [
    '/v1/accounts/1',
    '/v1/accounts/1/metrics',
    '/v1/accounts/1/syncs',
    `/v1/posts/${post?.id}`,
  ])
    expect((await call('GET', path)).status, path).toBe(404)
})

test('API2: a key that nearly fits is refused in the same words as none, whatever else is wrong', async () => {
  const { call } = await openApi({ observations: fewAccounts(1) })
  const good = 'k'.repeat(32)
  const bodies = []
  for (const key of [
    '',
    good.slice(1),
    `${good}k`,
    good.toUpperCase(),
    'ss_',
    `ss_${'a'.repeat(32)}`,
    `${good}, ${good}`,
  ]) {
    const answer = await call('POST', '/v1/syncs', '{', { 'x-api-key': key })
    expect(answer.status, key).toBe(401)
    bodies.push(JSON.stringify(answer.body))
  }
  expect(new Set(bodies).size).toBe(1)
  // Other places for a key are none.
  const elsewhere = await call('GET', `/v1/accounts?api_key=${good}`, undefined, {
    'x-api-key': '',
    authorization: `Bearer ${good}`,
    cookie: `key=${good}`,
  })
  expect(elsewhere.status).toBe(401)
})

test('API3: no caller sets internal fields, and no answer holds a secret', async () => {
  const { world, opened, call } = await openApi({
    observations: fewAccounts(1),
    platforms: ['youtube', 'instagram'],
  })
  await opened.runOnce()
  for (const more of [
    { status: 'active' },
    { id: '7' },
    { access_mode: 'research' },
    { next_sync_at: '2020-01-01T00:00:00Z' },
  ]) {
    expect((await call('PATCH', '/v1/accounts/1', more)).status).toBe(400)
    const account = { platform: 'youtube', handle: '@somebody', ...more }
    expect((await call('POST', '/v1/accounts', account)).status).toBe(400)
  }
  await call('POST', '/v1/keys', { name: 'reader', scopes: ['read'] })
  const answers = []
  for (const { method, path } of routes)
    if (method === 'GET') answers.push(JSON.stringify((await call('GET', path.replace('{id}', '1'))).body))
  const [secret] = await world.db.rows<{ hash: string; sealed: string }>(sql`
    select (select hash from api_keys) as hash, (select encode(sealed, 'hex') from credentials limit 1) as sealed`)
  const sealed = Buffer.from(secret?.sealed ?? '', 'hex')
  expect(sealed.length).toBeGreaterThan(20)
  const forms = [sealed.toString('hex'), sealed.toString('base64'), sealed.toString('base64url')]
  for (const hidden of [
    secret?.hash,
    ...forms,
    sealed.toJSON().data.join(','),
    'k'.repeat(32),
    'simulated-youtube-key',
  ])
    expect(answers.join('\n')).not.toContain(hidden)
})

test('API4: what a call may cost is bounded: bodies, pages, accounts, texts', async () => {
  const { call } = await openApi({ observations: fewAccounts(1) })
  const many = Array.from({ length: 101 }, (_, index) => ({ platform: 'youtube', handle: `name${index}` }))
  expect((await call('POST', '/v1/syncs', { accounts: many })).body.errors).toMatchObject([
    { field: 'accounts' },
  ])
  expect((await call('POST', '/v1/syncs', 'x'.repeat(1_200_000))).status).toBe(413)
  expect((await call('GET', '/v1/accounts?limit=100000')).body.errors).toMatchObject([{ field: 'limit' }])
  expect((await call('GET', `/v1/parked?reason=${'x'.repeat(101)}`)).status).toBe(400)
  const deep = `${'['.repeat(50_000)}${']'.repeat(49_000)}`
  expect((await call('POST', '/v1/syncs', deep)).status).toBe(400)
})

test('API6: what costs money, quota or answers takes more than looking, and a plan starts nothing', async () => {
  const changing = routes.filter(({ method, scope }) => method !== 'GET' && scope === 'read')
  expect(changing.map(({ path }) => path)).toEqual(['/v1/plan'])
  const { world, call } = await openApi({ observations: fewAccounts(1), platforms: [] })
  expect((await call('POST', '/v1/plan', { platform: 'youtube', handle: '@somebody' })).status).toBe(200)
  expect(await world.db.rows(sql`select from sync_jobs union all select from accounts`)).toEqual([])
})

test('API7: an address from outside is read as a name and never fetched', async () => {
  const asked: string[] = []
  const { call } = await openApi({ observations: fewAccounts(1) }, (_name, ports) => ({
    ...ports,
    fetch: (...request) => {
      asked.push(String(request[0]))
      return ports.fetch(...request)
    },
  }))
  for (const handle of [
    'http://169.254.169.254/latest/meta-data',
    'http://localhost:5432/',
    'http://[::1]/@a',
    'file:///etc/passwd',
    'https://www.youtube.com.example.org/@zerno',
    'gopher://www.youtube.com/@zerno',
  ]) {
    for (const path of ['/v1/plan', '/v1/accounts', '/v1/syncs'])
      expect((await call('POST', path, { handle })).body.errors, handle).toMatchObject([{ field: 'handle' }])
  }
  // Of an address that is one of theirs the name alone is taken.
  const odd = { handle: 'https://user@www.youtube.com:99/@zerno/../@zerno?next=http://169.254.169.254/' }
  expect(await call('POST', '/v1/accounts', odd)).toMatchObject({ status: 201, body: { handle: 'zerno' } })
  expect(asked).toEqual([])
})

test('API8: answers are not kept, not guessed at, not shared with other sites, and show nothing of the inside', async () => {
  const { world, call } = await openApi({ observations: fewAccounts(1) })
  const { headers } = await call('GET', '/v1/accounts', undefined, { origin: 'https://example.org' })
  expect(Object.fromEntries(headers)).toMatchObject({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  expect([...headers.keys()].filter((name) => /access-control|server|x-powered-by/.test(name))).toEqual([])
  for (const method of ['PUT', 'OPTIONS'])
    expect((await call(method, '/v1/accounts')).status, method).toBe(404)
  expect((await call('GET', '/v1/accounts/../../etc/passwd')).status).toBe(404)
  const overridden = await call('GET', '/v1/accounts/1', undefined, { 'x-http-method-override': 'DELETE' })
  expect(overridden.status).toBe(200)
  await world.db.rows(sql`alter table accounts rename column status_reason to away`)
  const broken = await call('GET', '/v1/accounts')
  expect(broken).toMatchObject({ status: 500, body: { detail: 'something went wrong on our side' } })
  expect(JSON.stringify(broken.body)).not.toMatch(/status_reason|select|at .*\.ts/)
})
