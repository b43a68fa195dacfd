import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { insertPages } from '#shared/db/tables/new-pages.ts'
import { verify } from '#shared/db/views/verify.ts'
import { ownUser } from '../../local/simulators/instagram/tokens.ts'
import { generatedWorld } from '../../local/world/generated.ts'
import type { Observation } from '../../local/world/world.ts'
import { worldNow } from '../setup/database.ts'
import { people } from '../setup/instagram.ts'
import { fewAccounts, openTestWorld, type TestWorld } from '../setup/world.ts'

const hour = 3_600_000
const hoursOn = (world: TestWorld, hours: number) => new Date(world.clock.now().getTime() + hours * hour)
const stats = '/youtube/v3/videos:batchGetStats'
/** ML has no say in when numbers are asked for again, and takes most of the time. */
const withoutMl = { ML_URL: undefined }
const alive = (seed: string) => {
  let world: ReturnType<typeof generatedWorld> | undefined
  return (now: () => Date) => {
    world ??= generatedWorld(seed, now(), now)
    return world
  }
}

test('numbers of young posts are asked for again within hours, 50 a call over all accounts, and nothing else is', async () => {
  const world = await openTestWorld({ env: withoutMl, worldAt: alive('refresh') })
  await world.syncAll()
  const { calls } = world.simulators.youtube
  const walked = calls.get('/youtube/v3/playlistItems')
  const [young] = await world.db.rows<{ count: number }>(sql`
    select count(*)::int as count from posts where published_at > app_now() - interval '2 days'`)
  expect(young?.count).toBeGreaterThan(5)
  await world.within(({ runUntil }) => runUntil(hoursOn(world, 4)))
  expect(calls.get(stats)).toBe(Math.ceil((young?.count ?? 0) / 50))
  expect(calls.get('/youtube/v3/playlistItems')).toBe(walked)
  const [history] = await world.db.rows<{ posts: number; rows: number }>(sql`
    select count(distinct post_id)::int as posts, count(*)::int as rows from post_metrics where post_id in (
      select id from posts where published_at between app_now() - interval '2 days' and app_now() - interval '4 hours')`)
  expect(history?.rows).toBeGreaterThan(history?.posts ?? 0)
  const modes = await world.db.rows(sql`select mode, walk_outcome from sync_tasks group by 1, 2 order by 1`)
  expect(modes).toEqual([
    { mode: 'full', walk_outcome: 'whole' },
    { mode: 'refresh', walk_outcome: 'partial' },
  ])
  expect(await verify(world.db)).toEqual([])
})

/** A channel whose newest video is gone from a time on. */
function withOneGone(from: Date, back: Date | null): { lines: Observation[]; id: string } {
  const lines = fewAccounts(1, new Date(from.getTime() - hour))
  const post = lines.findLast((line) => line.kind === 'post' && Date.parse(line.at) < from.getTime())
  const newest =
    lines.filter((line) => line.kind === 'post').sort((a, b) => b.at.localeCompare(a.at))[0] ?? post
  if (!newest) throw new Error('no post')
  const gone = { ...newest, at: new Date(from.getTime() + hour).toISOString(), resource: null }
  const again = back ? [{ ...newest, at: back.toISOString() }] : []
  return { lines: [...lines, gone, ...again], id: newest.id }
}

test('a post left out of an answer by id is missing, and deleted when it is left out again a day later', async () => {
  const start = worldNow()
  const { lines, id } = withOneGone(start, null)
  const world = await openTestWorld({ observations: lines, asOfClock: true })
  await world.syncAll()
  await world.db.rows(sql`update accounts set next_sync_at = app_now() + interval '20 days'`)
  const status = async () =>
    (
      await world.db.rows<{ status: string; miss_count: number }>(sql`
      select status, miss_count from posts where native_id = ${id}`)
    )[0]
  await world.within(async ({ runUntil }) => {
    await runUntil(hoursOn(world, 5), 1)
    expect(await status()).toEqual({ status: 'missing', miss_count: 1 })
    await runUntil(hoursOn(world, 20), 1)
    expect(await status()).toEqual({ status: 'missing', miss_count: 1 })
    await runUntil(hoursOn(world, 10), 1)
    expect(await status()).toEqual({ status: 'deleted', miss_count: 2 })
  })
  const [others] = await world.db.rows(
    sql`select count(*)::int as count from posts where status <> 'present'`,
  )
  expect(others).toEqual({ count: 1 })
  expect(await verify(world.db)).toEqual([])
})

test('a post that comes back is present again', async () => {
  const start = worldNow()
  const { lines, id } = withOneGone(start, new Date(start.getTime() + 10 * hour))
  const world = await openTestWorld({ observations: lines, asOfClock: true })
  await world.syncAll()
  await world.db.rows(sql`update accounts set next_sync_at = app_now() + interval '20 days'`)
  await world.within(({ runUntil }) => runUntil(hoursOn(world, 40), 1))
  expect(await world.db.rows(sql`select status, miss_count from posts where native_id = ${id}`)).toEqual([
    { status: 'present', miss_count: 0 },
  ])
})

/** Keeps an answer to a call for one id, as a refresh would have. */
async function keepStats(
  world: TestWorld,
  id: string,
  { pageNo, minutesAgo, items }: { pageNo: number; minutesAgo: number; items: object[] },
) {
  const body = JSON.stringify({ kind: 'youtube#batchGetStatsResponse', items })
  await world.db.rows(sql`update sync_tasks set status = 'enriching', finished_at = null`)
  await insertPages(world.db, [
    {
      sync_task_id: '1',
      account_id: '1',
      platform: 'youtube',
      endpoint: 'stats',
      walk: 1,
      page_no: pageNo,
      lane: 'schedule',
      traceparent: null,
      body: Buffer.from(body),
      body_bytes: body.length,
      body_sha256: '',
      nul_count: 0,
      body_key: null,
      asked: [id],
      age_ms: minutesAgo * 60_000,
    },
  ])
}

test('a post seen again before it was missed has been missed once, in whatever order the answers are read', async () => {
  const start = worldNow()
  const { lines, id } = withOneGone(start, null)
  const world = await openTestWorld({ observations: lines, asOfClock: true })
  await world.syncAll()
  await world.db.rows(sql`
    update posts set status = 'missing', miss_count = 1, missing_since = app_now() - interval '3 days' where native_id = ${id}`)
  const video = { id, statistics: { viewCount: '7' } }
  await keepStats(world, id, { pageNo: 1, minutesAgo: 1, items: [] })
  await keepStats(world, id, { pageNo: 2, minutesAgo: 2, items: [video] })
  await world.within(({ followThrough }) => followThrough())
  expect(await world.db.rows(sql`select status, miss_count from posts where native_id = ${id}`)).toEqual([
    { status: 'missing', miss_count: 1 },
  ])
  expect(await verify(world.db)).toEqual([])
})

test('ids that the platform could not report this time are not missed', async () => {
  const world = await openTestWorld({ env: withoutMl, worldAt: alive('failed') })
  await world.syncAll()
  const edit = (body: unknown) => {
    const { items, ...rest } = body as { items: { id: string }[] }
    return { ...rest, items: [], summary: { failedVideoIds: items.map((item) => item.id) } }
  }
  world.simulators.youtube.plan({ path: stats, times: 100, edit })
  await world.within(({ runUntil }) => runUntil(hoursOn(world, 4)))
  expect(world.simulators.youtube.calls.get(stats)).toBeGreaterThan(0)
  expect(await world.db.rows(sql`select distinct status from posts`)).toEqual([{ status: 'present' }])
})

test('an answer with a record that cannot be read takes nothing for missed', async () => {
  const { lines, id } = withOneGone(worldNow(), null)
  const world = await openTestWorld({ observations: lines, asOfClock: true })
  await world.syncAll()
  await keepStats(world, id, { pageNo: 1, minutesAgo: 0, items: [{ id: 7 }] })
  await world.within(({ followThrough }) => followThrough())
  expect(await world.db.rows(sql`select cause from quarantined_records`)).toHaveLength(1)
  expect(await world.db.rows(sql`select distinct status from posts`)).toEqual([{ status: 'present' }])
  expect(await verify(world.db)).toEqual([])
})

test('a post that a walk back cannot find is not walked for at every tick', async () => {
  const lines = people([{ username: 'many', posts: 180 }], worldNow())
  const newest = lines.find((line) => line.kind === 'post')
  if (!newest) throw new Error('no post')
  const gone = { ...newest, at: new Date(worldNow().getTime() + 3_600_000).toISOString(), resource: null }
  const world = await openTestWorld({
    observations: [...lines, gone],
    platforms: ['instagram'],
    asOfClock: true,
  })
  await world.syncAll()
  await world.db.rows(sql`update accounts set next_sync_at = app_now() + interval '20 days'`)
  await world.within(({ runUntil }) => runUntil(hoursOn(world, 8), 1))
  // Every three hours, and not with each tick of maintain.
  const [made] = await world.db.rows<{ count: number }>(
    sql`select count(*)::int as count from sync_tasks where mode = 'refresh'`,
  )
  expect(made?.count).toBeGreaterThanOrEqual(2)
  expect(made?.count).toBeLessThanOrEqual(5)
  expect(await world.db.rows(sql`select distinct status from posts`)).toEqual([{ status: 'present' }])
})

const pacificDay = (time: Date) => time.toLocaleDateString('en-CA', { timeZone: 'America/Los_Angeles' })

test('the numbers have a bucket of their own: when it is used up, refreshing waits and discovery goes on', async () => {
  const world = await openTestWorld({
    worldAt: alive('bucket'),
    youtube: { statsCallsPerDay: 1 },
    env: { ...withoutMl, YOUTUBE_STATS_CALLS_PER_DAY: '1' },
  })
  await world.syncAll()
  const hours = Array.from({ length: 32 }, (_, hour) => pacificDay(hoursOn(world, hour)))
  await world.within(({ runUntil }) => runUntil(hoursOn(world, 30), 1))
  // Two days or three: it hangs on when in the day the test runs.
  expect(world.simulators.youtube.calls.get(stats)).toBeLessThanOrEqual(new Set(hours).size)
  const [account] = await world.db.rows<{ late: number }>(sql`
    select count(*) filter (where next_sync_at < app_now())::int as late from accounts`)
  expect(account?.late).toBe(0)
  expect(await verify(world.db)).toEqual([])
})

test('where posts cannot be asked about by id, the list is walked back to the oldest that is due, and no further', async () => {
  const lines = people([{ username: 'many', posts: 180 }], worldNow())
  const world = await openTestWorld({ observations: lines, platforms: ['instagram'] })
  const edge = `/v25.0/${ownUser.id}`
  await world.syncAll()
  expect(world.simulators.instagram.calls.get(edge)).toBe(4)
  await world.within(({ runUntil }) => runUntil(hoursOn(world, 4)))
  // Posts of two days are due: one page, and one that shows that all others are older.
  expect(world.simulators.instagram.calls.get(edge)).toBe(4 + 2)
  const refreshed = await world.db.rows(
    sql`select mode, cursor ->> 'ended' as ended from sync_tasks where mode = 'refresh'`,
  )
  expect(refreshed.length).toBeGreaterThan(0)
  expect(await verify(world.db)).toEqual([])
})
