import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { generatedWorld } from '../../local/world/generated.ts'
import { openApi } from '../setup/api.ts'
import { fewAccounts, largestAccount } from '../setup/world.ts'

interface Plan {
  readonly calls: readonly { readonly endpoint: string; readonly calls: number }[]
  readonly pools: readonly {
    readonly pool: string
    readonly units: number
    readonly left: number
    readonly windows: number
    readonly blocked_until: string | null
  }[]
  readonly posts: number
  readonly never_read: number
  readonly ml_jobs: number | null
  readonly starts_at: string
  readonly rows_at: string
  readonly ready_at: string | null
  readonly usd: { readonly functions: number; readonly ml_jobs: number | null }
}

type Api = Awaited<ReturnType<typeof openApi>>

const planOf = async ({ call }: Api, body: object) => {
  const { status, body: plan } = await call('POST', '/v1/plan', body)
  expect(plan).not.toHaveProperty('errors')
  expect(status).toBe(200)
  return plan as unknown as Plan
}

/** Calls by endpoint that were made since this page. */
const callsSince = async ({ world }: Api, page: string) => {
  const rows = await world.db.rows<{ endpoint: string; calls: number }>(sql`
    select endpoint, count(*)::int as calls from raw_pages where id > ${page}::bigint group by 1 order by 1`)
  return rows
}
const lastPage = async ({ world }: Api) =>
  (await world.db.rows<{ id: string }>(sql`select coalesce(max(id), 0) as id from raw_pages`))[0]?.id ?? '0'

const byEndpoint = (plan: Plan) =>
  plan.calls
    .map(({ endpoint, calls }) => ({ endpoint, calls }))
    .sort((a, b) => (a.endpoint < b.endpoint ? -1 : 1))

const start = new Date('2026-11-01T00:00:00Z')

test.for([
  { platform: 'youtube', access: 'public_key', more: 0 },
  { platform: 'instagram', access: 'public_discovery', more: 0 },
  { platform: 'instagram', access: 'own_oauth', more: 0 },
  // Its pages go on from a second, and show what shares it twice.
  { platform: 'tiktok', access: 'own_oauth', more: 1 },
] as const)(
  'a plan for $platform by $access names the very calls that the sync then makes, over everything and for what is new',
  async ({ platform, access, more }) => {
    const api = await openApi({
      worldAt: () => generatedWorld('tests', start, () => start),
      platforms: [platform],
      env: { ML_URL: undefined },
    })
    await api.opened.runOnce()
    const [account] = await api.world.db.rows<{ handle: string; posts: number }>(sql`
      select a.handle, (select count(*)::int from posts p where p.account_id = a.id) as posts from accounts a
      where platform = ${platform} and access_mode = ${access} order by posts desc limit 1`)
    expect(account?.posts).toBeGreaterThan(20)
    for (const mode of ['full', 'incremental']) {
      const body = { platform, handle: account?.handle, mode }
      const before = await lastPage(api)
      const plan = await planOf(api, body)
      if (mode === 'full') expect(plan.posts).toBe(account?.posts)
      await api.call('POST', '/v1/syncs', body)
      await api.opened.followThrough()
      const made = await callsSince(api, before)
      expect(byEndpoint(plan).map(({ endpoint }) => endpoint)).toEqual(made.map(({ endpoint }) => endpoint))
      for (const [index, { calls }] of byEndpoint(plan).entries()) {
        expect(calls).toBeLessThanOrEqual(made[index]?.calls ?? 0)
        expect(calls).toBeGreaterThanOrEqual((made[index]?.calls ?? 0) - more)
      }
      expect(plan).toMatchObject({ never_read: 0, usd: { ml_jobs: null } })
    }
  },
)

test('an account that is not followed is planned with a page, and nothing is started', async () => {
  const api = await openApi({ observations: fewAccounts(1), platforms: [] })
  const plan = await planOf(api, { platform: 'youtube', handle: '@somebody' })
  expect(plan).toMatchObject({ never_read: 1, ml_jobs: null, ready_at: null })
  expect(plan.pools.map(({ pool, units }) => [pool, units])).toContainEqual(['youtube.general.day', 3])
  expect(await api.world.db.rows(sql`select from accounts`)).toEqual([])
  expect((await api.call('POST', '/v1/plan', { platform: 'tiktok', handle: 'tom' })).status).toBe(422)
})

test('a plan that does not fit into the day says when its last window opens, and leaves to others what backfill must', async () => {
  const api = await openApi({
    observations: largestAccount(),
    env: { ML_JOB_USD: '0.01' },
  })
  await api.opened.runOnce()
  const handle = (await api.world.db.rows<{ handle: string }>(sql`select handle from accounts`))[0]?.handle
  await api.world.db.rows(sql`update quota_windows set used = 9996 where pool = 'youtube.general.day'`)
  const adHoc = await planOf(api, { platform: 'youtube', handle, mode: 'full' })
  const backfill = await planOf(api, { platform: 'youtube', handle, mode: 'full', lane: 'backfill' })
  const dayOf = (plan: Plan) => plan.pools.find(({ pool }) => pool === 'youtube.general.day')
  expect(dayOf(adHoc)).toMatchObject({ left: 4, windows: 1, blocked_until: null })
  expect(dayOf(backfill)).toMatchObject({ left: 0, windows: 1 })
  expect(adHoc.pools[0]?.pool).toBe('youtube.general.day')
  expect(Date.parse(adHoc.rows_at)).toBeGreaterThan(Date.parse(adHoc.starts_at))
  expect(adHoc.ml_jobs).not.toBeNull()
  expect(adHoc.usd.ml_jobs).toBeCloseTo((adHoc.ml_jobs ?? 0) * 0.01, 6)
})

test('what a sync waits for is counted into its end: quota that has to open, and ML jobs as slow as those before', async () => {
  const api = await openApi({ observations: fewAccounts(2) })
  await api.opened.runOnce()
  const handle = (await api.world.db.rows<{ handle: string }>(sql`select handle from accounts limit 1`))[0]
    ?.handle
  await api.world.db.rows(sql`
    update quota_windows set blocked_until = app_now() + interval '2 hours' where pool = 'youtube.general.day'`)
  const { body: started } = await api.call('POST', '/v1/syncs', { platform: 'youtube', handle })
  const { body } = await api.call('GET', `/v1/syncs/${started.id}`)
  const { eta } = body as unknown as { eta: { rows_at: string; ready_at: string; because: string } }
  const [{ now } = { now: new Date(0) }] = await api.world.db.rows<{ now: Date }>(
    sql`select app_now() as now`,
  )
  const waitMs = Date.parse(eta.rows_at) - now.getTime()
  expect(waitMs).toBeGreaterThan(1.99 * 3_600_000)
  expect(waitMs).toBeLessThan(2.1 * 3_600_000)
  expect(eta.because).toContain('the quota "YouTube, units a day" gives the rest by')
  const plan = await planOf(api, { platform: 'youtube', handle })
  const day = plan.pools.find(({ pool }) => pool === 'youtube.general.day')
  expect(day).toMatchObject({ left: 0, blocked_until: expect.any(String) })
  expect(plan.starts_at).toBe(day?.blocked_until)
  expect(Date.parse(eta.ready_at)).toBeGreaterThanOrEqual(Date.parse(eta.rows_at))
  await api.opened.followThrough()
  expect((await api.call('GET', `/v1/syncs/${started.id}`)).body).toMatchObject({ state: 'done', eta: null })
})

test('what is not read yet is not called on record', async () => {
  const api = await openApi({ observations: fewAccounts(1) })
  await api.opened.runOnce()
  const { db } = api.world
  await db.rows(sql`update sync_tasks set status = 'transforming', finished_at = null, reason = null`)
  await db.rows(sql`update raw_pages set status = 'stored', retry_at = app_now() + interval '1 hour'`)
  const { body } = await api.call('GET', '/v1/syncs/1')
  expect(body).toMatchObject({
    state: 'running',
    eta: { rows_at: expect.any(String), because: 'answers are being read' },
  })
})

test('a plan counts what came since the account was read, not since its newest post', async () => {
  const api = await openApi({ observations: fewAccounts(1) })
  await api.opened.runOnce()
  const handle = (await api.world.db.rows<{ handle: string }>(sql`select handle from accounts`))[0]?.handle
  const before = await planOf(api, { platform: 'youtube', handle })
  await api.world.db.rows(sql`update accounts set watermark = watermark - interval '2 years'`)
  const [{ posts } = { posts: 0 }] = await api.world.db.rows<{ posts: number }>(
    sql`select count(*)::int as posts from posts`,
  )
  const dormant = await planOf(api, { platform: 'youtube', handle })
  expect(before.ml_jobs).toBe(0)
  expect(dormant).toMatchObject({ posts, ml_jobs: 0 })
})

test('an account is planned once however often it is named, an imported one as it would be asked, an erased one not', async () => {
  const api = await openApi({ observations: fewAccounts(2) })
  await api.opened.runOnce()
  const [one, two] = await api.world.db.rows<{ id: string; handle: string }>(
    sql`select id, handle from accounts order by id`,
  )
  const named = (handle: string | undefined) => ({ platform: 'youtube', handle, mode: 'full' })
  const once = await planOf(api, named(one?.handle))
  const twice = await planOf(api, {
    accounts: [one?.handle, `@${one?.handle?.toUpperCase()}`].map((handle) => ({
      platform: 'youtube',
      handle,
    })),
    mode: 'full',
  })
  expect(twice).toMatchObject({ posts: once.posts, calls: once.calls })
  await api.world.db.rows(sql`update accounts set access_mode = 'import' where id = ${one?.id}`)
  expect((await planOf(api, named(one?.handle))).calls).toEqual(once.calls)
  await api.call('DELETE', `/v1/accounts/${two?.id}`)
  expect((await api.call('POST', '/v1/plan', named(two?.handle))).body).toMatchObject({
    status: 422,
    title: 'erased',
  })
})

test('without a count of posts there is no estimate, whatever others took', async () => {
  const api = await openApi({ observations: fewAccounts(2) })
  await api.opened.runOnce()
  const [{ handle } = { handle: '' }] = await api.world.db.rows<{ handle: string }>(
    sql`select handle from accounts`,
  )
  const unknown = { never_read: 1, ml_jobs: null, ready_at: null, usd: { ml_jobs: null } }
  expect(await planOf(api, { platform: 'youtube', handle: '@somebody' })).toMatchObject(unknown)
  await api.call('POST', '/v1/accounts', { platform: 'youtube', handle: '@somebody' })
  expect(await planOf(api, { platform: 'youtube', handle: '@somebody' })).toMatchObject(unknown)
  const { body } = await api.call('POST', '/v1/plan', {
    accounts: ['@somebody', handle].map((one) => ({ platform: 'youtube', handle: one })),
  })
  expect(body).toMatchObject(unknown)
})

test('the ML jobs of posts that are yet to come are counted into the end of a sync', async () => {
  const api = await openApi({ observations: fewAccounts(1) })
  await api.opened.runOnce()
  const { db } = api.world
  await db.rows(sql`update profiles set posts = posts + 500`)
  await db.rows(sql`update ml_jobs set submitted_at = finished_at - interval '2 hours' where status = 'done'`)
  await db.rows(
    sql`update quota_windows set blocked_until = app_now() + interval '10 minutes' where pool = 'youtube.general.day'`,
  )
  const [{ handle } = { handle: '' }] = await db.rows<{ handle: string }>(sql`select handle from accounts`)
  const { body: started } = await api.call('POST', '/v1/syncs', { platform: 'youtube', handle, mode: 'full' })
  const { eta } = (await api.call('GET', `/v1/syncs/${started.id}`)).body as unknown as {
    eta: { rows_at: string; ready_at: string }
  }
  expect((Date.parse(eta.ready_at) - Date.parse(eta.rows_at)) / 3_600_000).toBeCloseTo(2, 1)
})
