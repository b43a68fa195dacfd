import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { appScoped } from '../../local/simulators/instagram/consent.ts'
import { openOwners as open, signed } from '../setup/connect.ts'
import { idOf } from '../setup/instagram.ts'
import { consentAt, continueTo } from '../setup/owner.ts'

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

test('an owner whose tokens were handed over is found by the id of the account, and to one who is not known the page says so', async () => {
  const { call, url, world } = await open()
  const store = {
    platform: 'instagram',
    handle: 'a.brand',
    access_token: 't'.repeat(20),
    access_expires_in: 9_000,
  }
  await call('POST', '/v1/credentials', store)
  await world.db.rows(sql`update accounts set native_id = ${idOf('a.brand')}`)
  const ask = async (user_id: string) => {
    const body = signed({ algorithm: 'HMAC-SHA256', user_id })
    const answer = await fetch(`${url}/v1/connect/instagram/deletion`, { method: 'POST', body })
    return (await fetch(((await answer.json()) as { url: string }).url)).text()
  }
  expect(await ask('99')).toContain('No account of yours was found here')
  expect(await ask(idOf('a.brand'))).toContain('was deleted')
  expect(await world.db.rows(sql`select status from accounts`)).toEqual([{ status: 'erased' }])
  expect(await verify(world.db)).toEqual([])
})

test('a consent that is newer than what the platform says late stays good', async () => {
  const { makeLink, url, call, world } = await open()
  const link = await makeLink({ platform: 'instagram' })
  await consentAt(await continueTo(link.url), { owner: idOf('a.brand') })
  const issued_at = Math.floor(world.clock.now().getTime() / 1_000) - 3_600
  const body = signed({ algorithm: 'HMAC-SHA256', user_id: appScoped(idOf('a.brand')), issued_at })
  await fetch(`${url}/v1/connect/instagram/deauthorize`, { method: 'POST', body })
  expect((await call('GET', '/v1/credentials')).body).toMatchObject({ items: [{ status: 'ok' }] })
})
