import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { appScoped, loginApp } from '../../local/simulators/instagram/consent.ts'
import type { Observation } from '../../local/world/world.ts'
import { openApi } from '../setup/api.ts'
import { idOf, people } from '../setup/instagram.ts'
import { answerIn, consentAt, continueTo } from '../setup/owner.ts'

const line = { platform: 'tiktok' as const, at: '2026-01-01T00:00:00.000Z' }
const tiktokers = ['tom', 'tam'].map(
  (username): Observation => ({
    ...line,
    ...{ account: username, kind: 'profile', id: `open-${username}` },
    resource: { open_id: `open-${username}`, username, follower_count: 10, video_count: 0 },
  }),
)

async function open(env: Record<string, string | undefined> = {}) {
  const observations = [
    ...people([
      { username: 'a.brand', posts: 2 },
      { username: 'b.brand', posts: 1 },
    ]),
    ...tiktokers,
  ]
  const api = await openApi({ observations, platforms: [], env: { AGENCY_NAME: 'Agency <One>', ...env } })
  const makeLink = async (asked: object) => {
    const { status, body } = await api.call('POST', '/v1/connect-links', asked)
    return { status, ...(body as unknown as { id: string; url: string; expires_at: string }) }
  }
  const accounts = () =>
    api.world.db.rows(sql`
      select a.platform, a.handle, a.access_mode, a.status, c.name as client from accounts a
      left join clients c on c.id = a.client_id order by a.id`)
  return { ...api, makeLink, accounts }
}

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
  expect((await consentAt(url, { owner: 'open-tom' })).text).toContain('@tom is connected')
  expect(await accounts()).toMatchObject([{ handle: 'tom', client: 'Own' }])
})

test('an owner who refuses, or leaves out what is needed, is told what to do, and the link stays good', async () => {
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

test('a code that the platform does not take, an address it does not know, and its silence are told in words', async () => {
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

const signed = (payload: object, secret: string = loginApp.secret) => {
  const text = Buffer.from(JSON.stringify(payload)).toString('base64url')
  const signature = createHmac('sha256', secret).update(text).digest('base64url')
  return new URLSearchParams({ signed_request: `${signature}.${text}` })
}

test('an owner who removes the app is asked again, and one who wants all deleted is erased for good', async () => {
  const { world, call, makeLink, url } = await open()
  const link = await makeLink({ platform: 'instagram' })
  await consentAt(await continueTo(link.url), { owner: idOf('a.brand') })
  const user_id = appScoped(idOf('a.brand'))
  const say = (what: string, body: URLSearchParams) =>
    fetch(`${url}/v1/connect/instagram/${what}`, { method: 'POST', body })
  const request = { algorithm: 'HMAC-SHA256', user_id }
  expect((await say('deauthorize', signed(request, 'another secret'))).status).toBe(401)
  expect((await say('deauthorize', signed({ algorithm: 'none', user_id }))).status).toBe(400)
  expect((await say('deauthorize', signed(request))).status).toBe(200)
  expect((await call('GET', '/v1/credentials')).body).toMatchObject({
    items: [{ status: 'revoked', status_reason: 'the owner removed the app' }],
  })
  expect((await call('GET', '/v1/accounts/1')).body).toMatchObject({ status: 'reauth_required' })
  const answer = (await (await say('deletion', signed(request))).json()) as {
    url: string
    confirmation_code: string
  }
  expect(answer.url).toBe(`${url}/connect/deletions/${answer.confirmation_code}`)
  expect(await (await fetch(answer.url)).text()).toContain('All data of your account was deleted')
  expect((await fetch(`${url}/connect/deletions/x`)).status).toBe(404)
  expect((await call('GET', '/v1/accounts/1')).status).toBe(404)
  const admission = { platform: 'instagram', handle: 'a.brand', reason: 'they came back' }
  expect((await call('POST', '/v1/admissions', admission)).status).toBe(422)
  // The owner alone undoes it.
  const later = await makeLink({ platform: 'instagram' })
  expect((await consentAt(await continueTo(later.url), { owner: idOf('a.brand') })).text).toContain(
    'is connected',
  )
  expect(await verify(world.db)).toEqual([])
})

test('a request of an owner whose call died is carried out by maintain', async () => {
  const { world, opened, makeLink, url } = await open()
  const link = await makeLink({ platform: 'instagram' })
  await consentAt(await continueTo(link.url), { owner: idOf('a.brand') })
  await world.db.rows(sql`
    insert into deletion_requests (code, platform, app_user_id, accounts, requested_at)
    select 'code', 'instagram', app_user_id, 1, app_now() - interval '1 hour' from credentials`)
  expect(await (await fetch(`${url}/connect/deletions/code`)).text()).toContain('is being carried out')
  await opened.cloud.triggers.tick('maintain')
  expect(await (await fetch(`${url}/connect/deletions/code`)).text()).toContain('was deleted')
  expect(await world.db.rows(sql`select status from accounts`)).toEqual([{ status: 'erased' }])
  expect(await verify(world.db)).toEqual([])
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
