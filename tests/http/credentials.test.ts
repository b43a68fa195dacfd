import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { sharedToken } from '../../local/simulators/instagram/tokens.ts'
import { openApi } from '../setup/api.ts'
import { idOf, people } from '../setup/instagram.ts'

const open = (env: Record<string, string | undefined> = {}) =>
  openApi({ observations: people([{ username: 'a.brand', posts: 2 }]), platforms: [], env })

test("an owner's tokens are sealed, the account is followed and read by them, and no answer shows them", async () => {
  const { world, opened, call } = await open()
  const { access_token } = world.simulators.instagram.consent(idOf('a.brand'))
  const given = { platform: 'instagram', handle: '@a.brand', access_token, access_expires_in: 5_184_000 }
  const stored = await call('POST', '/v1/credentials', given)
  expect(stored).toMatchObject({ status: 201, body: { platform: 'instagram', account_id: '1' } })
  expect(JSON.stringify(stored.body)).not.toContain(access_token)
  await opened.cloud.triggers.tick('extract-instagram')
  await opened.followThrough()
  expect(await world.db.rows(sql`select native_id, access_mode, status from accounts`)).toEqual([
    { native_id: idOf('a.brand'), access_mode: 'own_oauth', status: 'active' },
  ])
  expect(await world.db.rows(sql`select count(*)::int as posts from posts`)).toEqual([{ posts: 2 }])
  const [held] = await world.db.rows<{ sealed: Buffer; days: number }>(sql`
    select sealed, round(extract(epoch from access_expires_at - app_now()) / 86400)::int as days from credentials`)
  expect(held?.days).toBe(60)
  expect(held?.sealed.includes(access_token)).toBe(false)
  expect(await world.db.rows(sql`select action, about, details from audit_log`)).toMatchObject([
    { action: 'store tokens', about: 'account 1' },
  ])
  expect(await verify(world.db)).toEqual([])
})

test('a shared token lets accounts of others be looked up', async () => {
  const { world, opened, call } = await open()
  await call('POST', '/v1/syncs', { platform: 'instagram', handle: 'a.brand' })
  await opened.cloud.triggers.tick('extract-instagram')
  expect(await world.db.rows(sql`select status, reason from sync_tasks`)).toEqual([
    { status: 'waiting', reason: 'config' },
  ])
  const tokens = { platform: 'instagram', access_token: sharedToken }
  expect(await call('POST', '/v1/credentials', tokens)).toMatchObject({
    status: 201,
    body: { account_id: null },
  })
  // What waited for it is read at once, without being asked for again.
  await opened.cloud.triggers.tick('extract-instagram')
  await opened.followThrough()
  expect(await world.db.rows(sql`select count(*)::int as posts from posts`)).toEqual([{ posts: 2 }])
})

test.for([
  {
    name: 'YouTube',
    body: { platform: 'youtube', handle: 'x_y', access_token: 'a'.repeat(20) },
    field: 'platform',
  },
  {
    name: 'TikTok without an account',
    body: { platform: 'tiktok', access_token: 'a'.repeat(20), refresh_token: 'r'.repeat(20) },
    field: 'handle',
  },
  {
    name: 'a token of an owner without its end',
    body: { platform: 'instagram', handle: 'a.brand', access_token: 'a'.repeat(20) },
    field: 'access_expires_in',
  },
  {
    name: 'TikTok without a refresh token',
    body: { platform: 'tiktok', handle: 'tom', access_token: 'a'.repeat(20), access_expires_in: 60 },
    field: 'refresh_token',
  },
  {
    name: 'a handle that cannot be',
    body: { platform: 'instagram', handle: 'a b', access_token: 'a'.repeat(20), access_expires_in: 60 },
    field: 'handle',
  },
  {
    name: 'no token',
    body: { platform: 'instagram', handle: 'a.brand', access_expires_in: 60 },
    field: 'access_token',
  },
  {
    name: 'an unknown field',
    body: {
      platform: 'instagram',
      handle: 'a.brand',
      access_token: 'a'.repeat(20),
      access_expires_in: 60,
      secret: 's3cr3t-value',
    },
    field: 'body',
  },
])('$name is a 400 that names the field, and never the token', async ({ body, field }) => {
  const { call } = await open()
  const answer = await call('POST', '/v1/credentials', body)
  expect(answer).toMatchObject({ status: 400, body: { title: 'invalid_body', errors: [{ field }] } })
  expect(JSON.stringify(answer.body)).not.toMatch(/aaaa|rrrr|s3cr3t/)
})

test('without a data key no token is taken', async () => {
  const { world, call } = await open({ CREDENTIALS_KEY: undefined })
  const tokens = { platform: 'instagram', access_token: sharedToken }
  expect(await call('POST', '/v1/credentials', tokens)).toMatchObject({
    status: 503,
    body: { title: 'not_configured' },
  })
  expect(await world.db.rows(sql`select from credentials`)).toEqual([])
})
