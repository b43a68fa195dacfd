import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { openOwners as open } from '../setup/connect.ts'
import { idOf } from '../setup/instagram.ts'
import { answerIn, consentAt, continueTo } from '../setup/owner.ts'

test.for([
  ['instagram', idOf('a.brand'), '@a.brand'],
  ['tiktok', 'open-tom', '@tom'],
] as const)(
  'the owner of a %s account connects it by a link, and it is read',
  async ([platform, owner, handle]) => {
    const { world, opened, call, makeLink, accounts, url } = await open()
    const link = await makeLink({ platform, client: 'Zerno' })
    expect(link).toMatchObject({ status: 201, url: expect.stringMatching(/\/connect\/[\w-]{32}$/) })
    const asking = await fetch(link.url)
    const text = await asking.text()
    expect(text).toContain('Agency &lt;One&gt; asks to read your account')
    expect(asking.headers.get('referrer-policy')).toBe('no-referrer')
    expect(asking.headers.get('content-security-policy')).toContain("default-src 'none'")
    // A look alone opens no window, so that the link can be sent by programs that look at it.
    expect(await world.db.rows(sql`select from consents`)).toEqual([])
    const end = await consentAt(await continueTo(link.url), { owner })
    expect(end.text).toContain(`${handle} is connected`)
    expect(end.headers.get('cache-control')).toBe('no-store')
    expect(await accounts()).toEqual([
      { platform, handle: handle.slice(1), access_mode: 'own_oauth', status: 'active', client: 'Zerno' },
    ])
    await opened.cloud.triggers.tick(`extract-${platform}`)
    await opened.followThrough()
    expect(await world.db.rows(sql`select status from sync_tasks`)).toEqual([{ status: 'done' }])
    // It works once, and shows how it went.
    expect((await fetch(link.url)).status).toBe(410)
    expect((await call('GET', '/v1/connect-links')).body).toMatchObject({
      items: [
        {
          id: link.id,
          state: 'connected',
          client: 'Zerno',
          connected_account_id: '1',
          last_outcome: 'connected',
        },
      ],
    })
    const { body: credentials } = await call('GET', '/v1/credentials')
    expect(credentials).toMatchObject({
      items: [{ account: handle, status: 'ok', is_renewed: true, renewed_at: null }],
    })
    expect(JSON.stringify(credentials)).not.toMatch(/IGAA|act\.|rft\./)
    expect((await fetch(`${url}/connect/${'x'.repeat(32)}`)).status).toBe(404)
    expect(await verify(world.db)).toEqual([])
  },
)

test('who sits here connects by the window that a key opens, and PKCE is in hexadecimal', async () => {
  const { call, accounts } = await open()
  const { body } = await call('GET', '/v1/connect/tiktok?client=Own')
  const { url } = body as unknown as { url: string }
  expect(new URL(url).searchParams.get('code_challenge')).toMatch(/^[0-9a-f]{64}$/)
  const end = await consentAt(url, { owner: 'open-tom' })
  expect(end.text).toContain('@tom is connected')
  expect(end.text).toContain('Back to the console')
  expect(await accounts()).toMatchObject([{ handle: 'tom', client: 'Own' }])
})

test('to an owner who refuses, or leaves out what is needed, the page says what to do, and the link stays good', async () => {
  const { makeLink, accounts, call } = await open()
  const link = await makeLink({ platform: 'tiktok' })
  const refused = await consentAt(await continueTo(link.url), { owner: 'open-tom', answer: 'refuse' })
  expect(refused.text).toContain('You did not grant access')
  const rights = ['user.info.profile']
  const lacking = await consentAt(await continueTo(link.url), { owner: 'open-tom', rights })
  expect(lacking.text).toContain('your public videos and their numbers')
  expect(lacking.text).toContain('could not be connected')
  expect(await accounts()).toEqual([])
  expect((await call('GET', '/v1/connect-links')).body).toMatchObject({
    items: [{ state: 'open', last_outcome: 'lacking' }],
  })
  const partly = await consentAt(await continueTo(link.url), { owner: 'open-tom', rights: ['video.list'] })
  expect(partly.text).toContain('is connected')
  expect(partly.text).toContain('numbers of followers')
  expect(await accounts()).toMatchObject([{ platform: 'tiktok', handle: null }])
})

test('a state counts once: a browser that comes twice is shown the same end, and two at once are one', async () => {
  const { makeLink, world } = await open()
  const link = await makeLink({ platform: 'instagram' })
  const { back } = await answerIn(await continueTo(link.url), { owner: idOf('a.brand') })
  const address = back?.split('#')[0] ?? ''
  const texts = await Promise.all([fetch(address), fetch(address)].map(async (one) => (await one).text()))
  for (const text of texts) expect(text).toContain('@a.brand is connected')
  expect(await (await fetch(address)).text()).toContain('@a.brand is connected')
  expect(world.simulators.instagram.calls.get('/oauth/access_token')).toBe(1)
  const forged = new URL(address)
  forged.searchParams.set('state', 'A'.repeat(22))
  expect(await (await fetch(forged)).text()).toContain('open for too long, or was opened before')
  forged.searchParams.delete('state')
  expect(await (await fetch(forged)).text()).toContain('open for too long')
})

test('what comes back too late counts no more', async () => {
  const { makeLink, world } = await open()
  const link = await makeLink({ platform: 'instagram', expires_in_hours: 1 })
  const window = await continueTo(link.url)
  await world.clock.jumpTo(new Date(world.clock.now().getTime() + 11 * 60_000))
  expect((await consentAt(window, { owner: idOf('a.brand') })).text).toContain('open for too long')
  await world.clock.jumpTo(new Date(world.clock.now().getTime() + 3_600_000))
  expect((await fetch(link.url)).status).toBe(404)
})

test('the page says it when the platform does not take a code, does not know our address, or is silent', async () => {
  const { makeLink, world, accounts } = await open()
  const link = await makeLink({ platform: 'tiktok' })
  const withCode = async (change: (back: URL) => void) => {
    const { back } = await answerIn(await continueTo(link.url), { owner: 'open-tom' })
    const address = new URL(back ?? '')
    change(address)
    return (await fetch(address)).text()
  }
  expect(await withCode((back) => back.searchParams.set('code', 'another'))).toContain(
    'did not accept the answer any more',
  )
  world.simulators.tiktok.plan({ path: '/v2/oauth/token/', times: 1, status: { status: 503, body: 'busy' } })
  expect(await withCode(() => undefined)).toContain('TikTok did not answer')
  const description = 'Redirect_uri is not matched with the uri when requesting code.'
  const refusal = { error: 'invalid_grant', error_description: description }
  world.simulators.tiktok.plan({ path: '/v2/oauth/token/', times: 1, status: { status: 200, body: refusal } })
  const redirect = await withCode(() => undefined)
  expect(redirect).toContain('does not know the address')
  expect(redirect).toContain('/v1/connect/tiktok/callback')
  expect(await accounts()).toEqual([])
  const unregistered = new URL(await continueTo(link.url))
  unregistered.searchParams.set('redirect_uri', 'https://elsewhere.example/')
  expect((await answerIn(unregistered.href, { owner: 'open-tom' })).text).toContain('does not match')
})

test('an account that lost its consent is connected again by its own owner alone', async () => {
  const { world, opened, call, makeLink } = await open()
  const first = await makeLink({ platform: 'instagram' })
  await consentAt(await continueTo(first.url), { owner: idOf('a.brand') })
  await world.db.rows(sql`update accounts set status = 'reauth_required', status_reason = 'gone'`)
  await world.db.rows(sql`update credentials set status = 'reauth_required'`)
  expect((await call('GET', '/v1/overview')).body).toMatchObject({
    consents_ending: [{ account: '@a.brand', status: 'reauth_required' }],
  })
  const link = await makeLink({ platform: 'instagram', account_id: '1' })
  expect(await (await fetch(link.url)).text()).toContain('your account @a.brand')
  const other = await consentAt(await continueTo(link.url), { owner: idOf('b.brand') })
  expect(other.text).toContain('another account was to be connected again')
  expect(await world.db.rows(sql`select handle, status from accounts`)).toEqual([
    { handle: 'a.brand', status: 'reauth_required' },
  ])
  const again = await consentAt(await continueTo(link.url), { owner: idOf('a.brand') })
  expect(again.text).toContain('@a.brand is connected')
  await opened.cloud.triggers.tick('extract-instagram')
  await opened.followThrough()
  expect(await world.db.rows(sql`select status from accounts`)).toEqual([{ status: 'active' }])
  expect((await call('GET', '/v1/overview')).body).toMatchObject({ consents_ending: [] })
  expect((await makeLink({ platform: 'tiktok', account_id: '1' })).status).toBe(404)
})

test('a key that is bound to a client makes and sees links of that client alone', async () => {
  const { call, makeLink, world } = await open()
  await makeLink({ platform: 'instagram', client: 'Foreign' })
  await call('POST', '/v1/accounts', { platform: 'instagram', handle: 'x.y', client: 'Foreign' })
  await call('POST', '/v1/accounts', { platform: 'instagram', handle: 'o.o', client: 'Ours' })
  const { body } = await call('POST', '/v1/keys', { name: 'ours', scopes: ['sync'], clients: ['Ours'] })
  const as = (method: string, path: string, asked?: object) =>
    call(method, path, asked, { 'x-api-key': body.key })
  expect((await as('POST', '/v1/connect-links', { platform: 'instagram', client: 'Foreign' })).status).toBe(
    404,
  )
  expect((await as('POST', '/v1/connect-links', { platform: 'instagram', account_id: '1' })).status).toBe(404)
  expect((await as('GET', '/v1/connect/instagram?account_id=1')).status).toBe(404)
  expect((await as('GET', '/v1/connect-links')).body).toMatchObject({ items: [] })
  expect((await as('DELETE', '/v1/connect-links/1')).status).toBe(404)
  expect((await as('POST', '/v1/connect-links', { platform: 'instagram' })).status).toBe(201)
  expect((await as('GET', '/v1/connect-links')).body).toMatchObject({ items: [{ client: 'Ours' }] })
  expect((await as('DELETE', '/v1/connect-links/2')).status).toBe(200)
  const store = {
    platform: 'instagram',
    handle: 'x.y',
    access_token: 't'.repeat(20),
    access_expires_in: 9_000,
  }
  expect((await call('POST', '/v1/credentials', store)).status).toBe(201)
  expect(
    (await call('POST', '/v1/credentials', { platform: 'instagram', access_token: 's'.repeat(20) })).status,
  ).toBe(201)
  expect((await as('GET', '/v1/credentials')).body).toMatchObject({ items: [] })
  expect(await world.db.rows(sql`select count(*)::int as count from credentials`)).toEqual([{ count: 2 }])
})

test('where no app is set up, the answer says so', async () => {
  const { call } = await open({ INSTAGRAM_LOGIN_APP_ID: undefined, TIKTOK_CLIENT_KEY: undefined })
  for (const platform of ['instagram', 'tiktok'])
    expect(await call('POST', '/v1/connect-links', { platform })).toMatchObject({
      status: 503,
      body: { title: 'not_configured', detail: expect.stringContaining('docs/CONNECT.md') },
    })
})

test('a link connects one account, however many windows were opened by it, and none once it is taken back', async () => {
  const { makeLink, accounts, call } = await open()
  const link = await makeLink({ platform: 'instagram' })
  const [first, second] = [await continueTo(link.url), await continueTo(link.url)]
  expect((await consentAt(first, { owner: idOf('a.brand') })).text).toContain('@a.brand is connected')
  expect((await consentAt(second, { owner: idOf('b.brand') })).text).toContain('was opened before')
  const taken = await makeLink({ platform: 'instagram' })
  const window = await continueTo(taken.url)
  expect((await call('DELETE', `/v1/connect-links/${taken.id}`)).status).toBe(200)
  expect((await consentAt(window, { owner: idOf('b.brand') })).text).toContain('was opened before')
  expect(await accounts()).toHaveLength(1)
})

test('who has the name of an account now is not taken for the one who had it', async () => {
  const { makeLink, world } = await open()
  await world.db.rows(sql`
    insert into accounts (platform, handle, handle_norm, native_id, access_mode, status)
    values ('instagram', 'a.brand', 'a.brand', '111', 'own_oauth', 'reauth_required')`)
  const link = await makeLink({ platform: 'instagram', account_id: '1' })
  const end = await consentAt(await continueTo(link.url), { owner: idOf('a.brand') })
  expect(end.text).toContain('another account was to be connected again')
  const other = await makeLink({ platform: 'instagram' })
  await consentAt(await continueTo(other.url), { owner: idOf('a.brand') })
  expect(await world.db.rows(sql`select account_id from credentials`)).toEqual([{ account_id: '2' }])
})
