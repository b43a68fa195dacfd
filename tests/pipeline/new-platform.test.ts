import { expect, onTestFinished, test, vi } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { openPostcards } from '../example-platform/simulator.ts'
import { openApi } from '../setup/api.ts'

// A new platform is its folder, this line in the registry, and a row in the table of platforms.
vi.mock(import('#shared/platforms/registry.ts'), async (original) => {
  const { postcards } = await import('../example-platform/index.ts')
  return { platforms: [...(await original()).platforms, postcards] }
})

interface Plan {
  readonly calls: readonly { readonly platform: string; readonly endpoint: string; readonly calls: number }[]
}

async function open() {
  let now = () => new Date()
  const simulator = await openPostcards({ posts: 25, now: () => now(), callsPerMinute: 10_000 })
  onTestFinished(() => simulator.close())
  const api = await openApi({
    platforms: [],
    // No trigger of serverless.yml leads to it: it is called by its timer alone.
    env: { POSTCARDS_API_URL: simulator.url, EXTRACT_POSTCARDS_QUEUE_URL: 'http://127.0.0.1:1/none' },
  })
  const { db, clock } = api.world
  now = () => clock.now()
  await db.rows(sql`insert into platforms (name, profile_endpoints) values ('postcards', '{user}')`)
  const { triggers } = api.opened.cloud
  const read = async () => {
    await triggers.tick('extract-postcards')
    await api.opened.followThrough()
  }
  return { ...api, db, clock, triggers, read, simulator }
}

const posts = sql`select p.status, count(*)::int as count from posts p group by 1`

test('a new platform runs whole, from follow to erase, by its folder, its line and its row', async () => {
  const { db, clock, call, read, triggers, world } = await open()
  const refused = await call('POST', '/v1/accounts', { platform: 'postcards', handle: 'no digits 1' })
  expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: 'handle' }] } })
  const followed = await call('POST', '/v1/accounts', { handle: 'https://postcards.com/ann' })
  expect(followed).toMatchObject({ status: 201, body: { platform: 'postcards', handle: 'ann' } })

  await read()
  expect(await db.rows(posts)).toEqual([{ status: 'present', count: 25 }])
  expect(await db.rows(sql`select followers from profile_metrics`)).toEqual([{ followers: '7' }])

  const plan = await call('POST', '/v1/plan', {
    accounts: [{ platform: 'postcards', handle: 'ann' }],
    mode: 'full',
  })
  expect(plan.status).toBe(200)
  expect((plan.body as unknown as Plan).calls).toEqual([
    { platform: 'postcards', endpoint: 'user', calls: 1 },
    { platform: 'postcards', endpoint: 'cards', calls: 3 },
  ])

  // Numbers of young posts are asked for again by a walk, since cards cannot be asked about by id.
  await db.rows(
    sql`update posts set published_at = app_now() - interval '1 hour' where native_id in ('c0', 'c1')`,
  )
  await db.rows(sql`update accounts set next_sync_at = app_now() + interval '20 days'`)
  await clock.jumpTo(new Date(clock.now().getTime() + 4 * 3_600_000))
  await triggers.tick('maintain')
  await read()
  expect(await db.rows(sql`select mode, status from sync_tasks order by id desc limit 1`)).toEqual([
    { mode: 'refresh', status: 'done' },
  ])

  const asked = await call('POST', '/v1/syncs', { platform: 'postcards', handle: 'ann', mode: 'full' })
  expect(asked.status).toBe(202)
  await read()
  expect(await call('GET', `/v1/syncs/${asked.body.id}`)).toMatchObject({ body: { state: 'done' } })
  expect(await verify(db)).toEqual([])
  expect(world.failures).toEqual([])

  const erased = await call('POST', '/v1/erasures', { platform: 'postcards', handle: 'ann' })
  expect(erased).toMatchObject({ status: 200, body: { posts: 25 } })
  expect(await db.rows(posts)).toEqual([])
  expect(await call('POST', '/v1/accounts', { platform: 'postcards', handle: 'ann' })).toMatchObject({
    status: 422,
  })
  expect(await verify(db)).toEqual([])
})

test('a platform that the registry does not have is refused by the database', async () => {
  const { db } = await open()
  const follow = db.rows(
    sql`insert into accounts (platform, native_id, access_mode) values ('letters', 'x', 'public_key')`,
  )
  await expect(follow).rejects.toMatchObject({ code: '23503' })
})
