import { expect, test } from 'vitest'
import { etaOf as workOutEta } from '#functions/sync/forecast/eta.ts'
import { apiWords } from '#functions/sync/language.ts'
import { sql } from '#shared/db/sql.ts'
import { aheadOfJob } from '#shared/db/views/forecast.ts'
import { switchFaults } from '../../local/switch-faults.ts'
import { openApi } from '../setup/api.ts'
import { fewAccounts } from '../setup/world.ts'

type Api = Awaited<ReturnType<typeof openApi>>
interface Eta {
  readonly on_record: boolean
  readonly rows_at: string | null
  readonly ready_at: string | null
  readonly because: string
}

const syncOf = async ({ call }: Api, id: string, language = 'en') => {
  const { body } = await call('GET', `/v1/syncs/${id}`, undefined, { 'accept-language': language })
  return body as unknown as {
    state: string
    accounts: number
    tasks: { status: string; waits_for: string | null; problems: string[] }[]
    eta: Eta | null
  }
}
const etaOf = async (api: Api, id: string) => (await syncOf(api, id)).eta as Eta
const anybody = async ({ world }: Api) =>
  (await world.db.rows<{ handle: string }>(sql`select handle from accounts order by id limit 1`))[0]?.handle

test('a sync that waits for a token has no estimate, and says what to do', async () => {
  const api = await openApi({ observations: fewAccounts(1) })
  await switchFaults(['youtube:key'], { youtube: api.world.simulators.youtube.url })
  const named = { platform: 'youtube', handle: api.world.world.accounts('youtube')[0] }
  const { id } = (await api.call('POST', '/v1/syncs', named)).body
  await api.opened.cloud.triggers.tick('extract-youtube')
  const sync = await syncOf(api, id)
  expect(sync.tasks[0]?.waits_for).toContain('a key or token that the platform accepts')
  expect(sync.eta).toMatchObject({ on_record: false, rows_at: null, ready_at: null })
  expect(sync.eta?.because).toMatch(/^1 account waiting for a key or token/)
  const inRussian = await syncOf(api, id, 'ru-RU,ru;q=0.9,en;q=0.8')
  expect(inRussian.tasks[0]?.waits_for).toBe('ключа или токена, который примет платформа')
  expect(inRussian.eta?.because).toMatch(/^1 аккаунт ждёт ключа или токена/)
  expect((await api.call('GET', '/v1/overview')).body).toMatchObject({
    waiting: [{ reason: 'credential', count: 1 }],
  })
})

test('a sync whose records were refused says so, and the cause with one of them is listed', async () => {
  const api = await openApi({ observations: fewAccounts(1) })
  await switchFaults(['youtube:shape'], { youtube: api.world.simulators.youtube.url })
  await api.opened.runOnce()
  const [task] = (await syncOf(api, '1')).tasks
  expect(task?.problems).toEqual([
    expect.stringMatching(/^\d+ records? refused: a value of the wrong type \(\d+\)$/),
  ])
  const { body } = await api.call('GET', '/v1/quarantined')
  const [cause] = (body as unknown as { items: { count: number; faults: string[] }[] }).items
  const [kept] = await api.world.db.rows<{ count: number }>(
    sql`select count(*)::int as count from quarantined_records`,
  )
  expect(cause).toMatchObject({ platform: 'youtube', endpoint: 'videos', count: kept?.count })
  expect(cause?.faults[0]).toMatch(/publishedAt: /)
  expect((await api.call('GET', '/v1/overview')).body).toMatchObject({ quarantined: kept?.count })
})

test('ML jobs that ended without a result are listed and counted by their cause', async () => {
  const api = await openApi({ observations: fewAccounts(1), ml: { refusing: 1 } })
  await api.opened.runOnce()
  await api.opened.followThrough()
  const [{ failed } = { failed: 0 }] = await api.world.db.rows<{ failed: number }>(
    sql`select count(*)::int as failed from ml_jobs where status = 'failed'`,
  )
  expect(failed).toBeGreaterThan(0)
  const { body } = await api.call('GET', '/v1/ml-jobs?state=failed&limit=200')
  const { items } = body as unknown as { items: { reason: string | null }[] }
  expect(items).toHaveLength(Math.min(200, failed))
  expect(items[0]?.reason).toEqual(expect.any(String))
  expect((await syncOf(api, '1')).tasks[0]?.problems[0]).toMatch(/^[\d,]+ ML jobs? failed: /)
})

test('an account is fresh when its posts were walked, not when its profile alone was seen', async () => {
  const api = await openApi({ observations: fewAccounts(2) })
  await api.opened.runOnce()
  const freshness = async () =>
    ((await api.call('GET', '/v1/overview')).body as unknown as { accounts: object[] }).accounts
  expect(await freshness()).toEqual([{ platform: 'youtube', state: 'fresh', count: 2 }])
  await switchFaults(['youtube:proxy'], { youtube: api.world.simulators.youtube.url })
  const { now } = (await api.call('GET', '/v1/overview')).body as unknown as { now: string }
  await api.opened.runUntil(new Date(Date.parse(now) + 2.1 * 86_400_000), 1)
  const [seen] = await api.world.db.rows<{ hours: number }>(
    sql`select extract(epoch from app_now() - min(observed_at))::int / 3600 as hours from profiles`,
  )
  expect(seen?.hours).toBeLessThan(48)
  expect(await freshness()).toEqual([{ platform: 'youtube', state: 'late', count: 2 }])
})

test('a walk under way and the one after it both count for a sync that waits for both', async () => {
  const api = await openApi({ observations: fewAccounts(1) })
  const lists = { path: '/youtube/v3/playlistItems', times: 100, status: { status: 503, body: '' } }
  api.world.simulators.youtube.plan(lists)
  const named = { platform: 'youtube', handle: api.world.world.accounts('youtube')[0] }
  await api.call('POST', '/v1/syncs', named)
  await api.opened.cloud.triggers.tick('extract-youtube')
  const { id } = (await api.call('POST', '/v1/syncs', { ...named, mode: 'full' })).body
  expect(await aheadOfJob(api.world.db, id, 7)).toMatchObject([
    { mode: 'incremental', has_profile: true, reason: 'platform', run_at: expect.any(Date) },
    { mode: 'full', has_profile: false, reason: null },
  ])
  expect(await etaOf(api, id)).toMatchObject({
    on_record: false,
    because: expect.stringContaining('1 account to be asked again by'),
  })
})

test('an ML job that is later than all recent ones has no estimate, and one that is not is asked about first', async () => {
  const api = await openApi({ observations: fewAccounts(1) })
  await api.opened.runOnce()
  const { db } = api.world
  await db.rows(sql`update ml_jobs set submitted_at = finished_at - interval '1 hour' where status = 'done'`)
  await db.rows(sql`update sync_tasks set status = 'enriching', finished_at = null where id = 1`)
  await db.rows(sql`
    update ml_jobs set status = 'submitted', finished_at = null, submitted_at = app_now() - interval '10 minutes',
      next_at = app_now() + interval '3 hours'
    where id = (select max(id) from ml_jobs where status = 'done')`)
  const asked = await etaOf(api, '1')
  expect(asked).toMatchObject({ on_record: true, rows_at: null })
  expect(asked.because).toMatch(/^1 ML job is open, asked about next at /)
  const [{ next_at } = { next_at: new Date(0) }] = await db.rows<{ next_at: Date }>(
    sql`select next_at from ml_jobs where status = 'submitted'`,
  )
  expect(asked.ready_at).toBe(next_at.toISOString())
  await db.rows(
    sql`update ml_jobs set submitted_at = app_now() - interval '2 hours' where status = 'submitted'`,
  )
  // Estimated again: an estimate is kept for some seconds.
  const other = await workOutEta(db, '1', 7, () => null, apiWords('en'))
  expect(other).toMatchObject({ ready_at: null })
  expect(other.because).toContain('one has already taken longer than any recent job')
})

test('a list that the platform cuts off is planned no further than it goes', async () => {
  const api = await openApi({ observations: fewAccounts(1) })
  await api.opened.runOnce()
  await api.world.db.rows(sql`update profiles set posts = 35000`)
  const { body } = await api.call('POST', '/v1/plan', {
    platform: 'youtube',
    handle: await anybody(api),
    mode: 'full',
  })
  expect(body).toMatchObject({ posts: 20_000 })
  const { calls } = body as unknown as { calls: { endpoint: string; calls: number }[] }
  expect(calls).toContainEqual({ platform: 'youtube', endpoint: 'playlistItems', calls: 400 })
})
