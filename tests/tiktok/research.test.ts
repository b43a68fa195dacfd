import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import type { Fetch } from '#shared/http/request.ts'
import { parseInt64 } from '#shared/platforms/text/clean.ts'
import { ClientToken } from '#shared/platforms/tiktok/client-token.ts'
import { read } from '#shared/platforms/tiktok/read.ts'
import {
  backTo,
  beginning,
  daysOf,
  placeOf,
  positionOf,
  windowBefore,
} from '#shared/platforms/tiktok/research-windows.ts'
import type { Observation } from '../../local/world/world.ts'
import { unstopped } from '../setup/signal.ts'
import { openTestWorld } from '../setup/world.ts'

const dayMs = 86_400_000

/** A user with a video every so many days, back from now. */
function userWith(count: number, everyDays: number): Observation[] {
  const line = { platform: 'tiktok' as const, account: 'a_brand', at: '2026-01-01T00:00:00.000Z' }
  const user = {
    open_id: 'open-1',
    username: 'a_brand',
    display_name: 'A brand',
    follower_count: 10,
    video_count: count,
  }
  const videos = Array.from({ length: count }, (_, number): Observation => {
    const create_time = Math.floor((Date.now() - 3_600_000 - number * everyDays * dayMs) / 1000)
    const id = String((BigInt(create_time) << 32n) + 7n)
    const text = `video ${number} #Новинка with @other.brand`
    const resource = {
      id,
      create_time,
      video_description: text,
      like_count: 40,
      view_count: number,
      duration: 12,
    }
    return { ...line, kind: 'post', id, resource }
  })
  return [{ ...line, kind: 'profile', id: 'open-1', resource: user }, ...videos]
}

const app = {
  TIKTOK_RESEARCH_CLIENT_KEY: 'client',
  TIKTOK_RESEARCH_CLIENT_SECRET: 'client-secret',
  TIKTOK_RESEARCH_SINCE: new Date(Date.now() - 365 * dayMs).toISOString().slice(0, 10),
}

async function open(observations: Observation[], env: Record<string, string | undefined> = app) {
  const world = await openTestWorld({ observations, platforms: ['tiktok'], env })
  await world.db.rows(sql`update accounts set access_mode = 'research', handle = 'a_brand', native_id = null`)
  return world
}

/** The same world, from a day on that is asked for now. */
const openAgain = (world: Awaited<ReturnType<typeof open>>, since: Date) =>
  world.open(undefined, { TIKTOK_RESEARCH_SINCE: since.toISOString().slice(0, 10) })

test('the history of an account is read window by window of 30 days, to its beginning', async () => {
  const observations = userWith(10, 20)
  const world = await open(observations)
  expect(await world.syncAll()).toMatchObject({ posts: 10, quarantined: 0, parked: 0, tasks: { done: 1 } })
  // A year has thirteen windows.
  expect(world.simulators.tiktok.calls.get('/v2/research/video/query/')).toBe(13)
  expect(await world.db.rows(sql`select walk_outcome from sync_tasks`)).toEqual([{ walk_outcome: 'whole' }])
  const ids = await world.db.rows<{ native_id: string }>(
    sql`select native_id from posts order by published_at desc`,
  )
  const listed = observations.flatMap(({ kind, id }) => (kind === 'post' ? [id] : []))
  expect(ids.map(({ native_id }) => native_id)).toEqual(listed)
  expect(
    await world.db.rows(sql`
    select distinct source, tag, tag_norm from post_hashtags order by source`),
  ).toEqual([
    { source: 'api', tag: 'Новинка', tag_norm: 'новинка' },
    { source: 'text', tag: 'Новинка', tag_norm: 'новинка' },
  ])
  expect(await world.db.rows(sql`select distinct saves, views is null as hidden from post_latest`)).toEqual([
    { saves: '2', hidden: false },
  ])
  expect(await verify(world.db)).toEqual([])
})

test('a later walk looks back a week and no further, however long nothing was posted', async () => {
  const world = await open(userWith(3, 45))
  await world.syncAll()
  const before = world.simulators.tiktok.calls.get('/v2/research/video/query/') ?? 0
  await world.db.rows(sql`update accounts set full_walk_at = app_now()`)
  await world.syncAll()
  expect((world.simulators.tiktok.calls.get('/v2/research/video/query/') ?? 0) - before).toBe(1)
})

test('of posts older than what is asked for a walk says nothing: none is missed, and none deleted', async () => {
  const observations = userWith(10, 20)
  const world = await open(observations)
  await world.syncAll()
  const later = await openAgain(world, new Date(Date.now() - 90 * dayMs))
  for (let day = 0; day < 3; day += 1) {
    await world.db.rows(sql`update accounts set full_walk_at = null, next_sync_at = app_now()`)
    await later.runOnce()
    await world.clock.jumpTo(new Date(world.clock.now().getTime() + 2 * dayMs))
  }
  await later.close()
  expect(
    await world.db.rows(sql`select walk_outcome, count(*)::int as count from sync_tasks group by 1`),
  ).toEqual([{ walk_outcome: 'whole', count: 4 }])
  expect(await world.db.rows(sql`select status, count(*)::int as count from posts group by 1`)).toEqual([
    { status: 'present', count: 10 },
  ])
  expect(await verify(world.db)).toEqual([])
})

test('a walk that looks for new posts ends with as many as the account has; only one to the beginning shows what is gone', async () => {
  const world = await open(userWith(3, 45))
  await world.db.rows(sql`update accounts set full_walk_at = app_now()`)
  await world.syncAll()
  expect(world.simulators.tiktok.calls.get('/v2/research/video/query/')).toBe(4)
  expect(await world.db.rows(sql`select walk_outcome, cursor ->> 'ended' as ended from sync_tasks`)).toEqual([
    { walk_outcome: 'partial', ended: 'look-back' },
  ])
})

test('the token of the app ends with its two hours, and a new one is asked for', async () => {
  const world = await open(userWith(2, 1))
  const opened = await world.open()
  await opened.runOnce()
  await world.clock.jumpTo(new Date(world.clock.now().getTime() + 3 * 3_600_000))
  expect(await opened.runOnce()).toMatchObject({ posts: 2, tasks: { done: 2 } })
  await opened.close()
})

test('an app each of whose tokens is refused is at fault, and its accounts wait', async () => {
  const world = await open(userWith(2, 1))
  const body = { data: {}, error: { code: 'access_token_invalid', message: 'no', log_id: '1' } }
  world.simulators.tiktok.plan({
    path: '*',
    times: Number.POSITIVE_INFINITY,
    when: ({ path }) => path.startsWith('/v2/research/'),
    status: { status: 401, body },
  })
  await world.db.rows(sql`update accounts set next_sync_at = app_now()`)
  await world.within(({ cloud }) => cloud.triggers.tick('extract-tiktok'))
  expect(await world.db.rows(sql`select status, reason from sync_tasks`)).toEqual([
    { status: 'waiting', reason: 'credential' },
  ])
  expect(await world.db.rows(sql`select access_mode from app_faults`)).toEqual([{ access_mode: 'research' }])
  expect([...world.simulators.tiktok.calls].filter(([path]) => path.includes('research'))).toEqual([
    ['/v2/research/user/info/', 2],
  ])
  world.simulators.tiktok.clearFaults()
  expect(await world.syncAll()).toMatchObject({ posts: 2 })
  expect(await world.db.rows(sql`select from app_faults`)).toEqual([])
})

test('a token that ends at once is used all the same, and asked for once a call', async () => {
  let asked = 0
  const fetch: Fetch = async () => {
    asked += 1
    return new Response(JSON.stringify({ access_token: `token ${asked}`, expires_in: 1 }))
  }
  const token = new ClientToken({ fetch, baseUrl: 'http://tiktok', clientKey: 'k', clientSecret: 's' })
  expect([await token.get(unstopped), await token.get(unstopped)]).toEqual(['token 1', 'token 2'])
  expect(await Promise.all([token.get(unstopped), token.get(unstopped), token.get(unstopped)])).toEqual([
    'token 3',
    'token 3',
    'token 3',
  ])
})

test('a search that the platform has forgotten, however it says so, begins the walk again, which ends whole', async () => {
  const world = await open(userWith(150, 0.1))
  world.simulators.tiktok.plan({
    path: '/v2/research/video/query/',
    times: 1,
    after: 1,
    status: {
      status: 400,
      body: {
        data: {},
        error: {
          code: 'invalid_params',
          message: 'Search Id 7378809778820000000 is invalid or expired',
          log_id: 'x',
        },
      },
    },
  })
  expect(await world.syncAll()).toMatchObject({ posts: 150, tasks: { done: 1 } })
  expect(
    await world.db.rows(sql`select walk_outcome, (cursor ->> 'walk')::int as walk from sync_tasks`),
  ).toEqual([{ walk_outcome: 'whole', walk: 2 }])
  expect(await verify(world.db)).toEqual([])
})

test('a quota that names its day is waited for until the day ends, after one call', async () => {
  const world = await open(userWith(1, 1))
  const noon = new Date(Math.ceil(world.clock.now().getTime() / dayMs) * dayMs + dayMs / 2)
  await world.clock.jumpTo(noon)
  await world.db.rows(sql`update accounts set next_sync_at = app_now()`)
  world.simulators.tiktok.plan({
    path: '/v2/research/user/info/',
    times: Number.POSITIVE_INFINITY,
    status: {
      status: 429,
      body: {
        data: {},
        error: {
          code: 'daily_quota_limit_exceeded',
          message: 'The daily quota limit is exceeded',
          log_id: 'x',
        },
      },
    },
  })
  await world.within(({ cloud }) => cloud.triggers.tick('extract-tiktok'))
  expect(world.simulators.tiktok.calls.get('/v2/research/user/info/')).toBe(1)
  const [task] = await world.db.rows<{ status: string; reason: string; run_at: Date }>(
    sql`select status, reason, run_at from sync_tasks`,
  )
  expect(task).toMatchObject({ status: 'waiting', reason: 'quota' })
  const midnight = noon.getTime() + dayMs / 2
  expect(task?.run_at.getTime()).toBeGreaterThanOrEqual(midnight)
  expect(task?.run_at.getTime()).toBeLessThan(midnight + 2 * 60_000)
})

test('without an app for research accounts wait; nothing is wrong with them', async () => {
  const world = await open(userWith(1, 1), {})
  await world.db.rows(sql`update accounts set next_sync_at = app_now()`)
  await world.within(({ cloud }) => cloud.triggers.tick('extract-tiktok'))
  expect(await world.db.rows(sql`select status, reason from sync_tasks`)).toEqual([
    { status: 'waiting', reason: 'config' },
  ])
})

test('a username that is not there makes its account missing', async () => {
  const world = await open(userWith(1, 1))
  await world.db.rows(sql`update accounts set handle = 'nobody'`)
  await world.syncAll()
  expect(await world.db.rows(sql`select status from accounts`)).toEqual([{ status: 'missing' }])
})

test('ids above 2^53 are kept digit by digit, also beside numbers in texts', () => {
  const body =
    '{"data":{"videos":[{"id":7028743950684949651,"create_time":1700000000,"username":"x","video_description":"no 7028743950684949651"}]},"error":{"code":"ok"}}'
  const [post] = read('research.videos', body).posts
  expect(post).toMatchObject({
    ok: true,
    record: { native_id: '7028743950684949651', listing: { body: 'no 7028743950684949651' } },
  })
  expect(parseInt64('[1,1.5,1e300,-9007199254740993]')).toEqual([1, 1.5, 1e300, '-9007199254740993'])
})

test('windows meet without a gap or an overlap, back to the beginning of TikTok', () => {
  let place = placeOf(null, new Date('2026-11-25T23:59:59Z'))
  expect(daysOf(place)).toEqual({ start_date: '20261027', end_date: '20261125' })
  for (let count = 1; ; count += 1) {
    const before = windowBefore(place, beginning)
    if (!before) {
      expect(daysOf(place).start_date < '20161001').toBe(true)
      expect(count).toBeLessThan(130)
      break
    }
    expect(before.end + dayMs).toBe(backTo(place).getTime())
    expect(placeOf(positionOf(before), new Date())).toEqual(before)
    place = before
  }
})
