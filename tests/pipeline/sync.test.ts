import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import type { Observation } from '../../local/world/world.ts'
import { worldNow } from '../setup/database.ts'
import { snapshot } from '../setup/snapshot.ts'
import { fewAccounts, largestAccount, openTestWorld } from '../setup/world.ts'

const dayMs = 86_400_000

test('a later sync finds new numbers and edits, and keeps the history', async () => {
  const start = worldNow()
  const lines = fewAccounts(1, start)
  const edited = lines.filter((line) => line.kind === 'post').slice(0, 3)
  const later = edited.map((line, index): Observation => {
    const resource = structuredClone(line.resource) as {
      snippet: { title: string }
      statistics: { viewCount: string }
    }
    resource.statistics.viewCount = index === 0 ? '7' : String(Number(resource.statistics.viewCount) + 10)
    if (index === 1) resource.snippet.title = 'Renamed since'
    return {
      ...line,
      at: new Date(start.getTime() + dayMs / 2).toISOString(),
      resource: resource as unknown as Record<string, unknown>,
    }
  })
  const world = await openTestWorld({ observations: [...lines, ...later], asOfClock: true })
  const first = await world.syncAll()
  await world.clock.jumpTo(new Date(start.getTime() + 0.6 * dayMs))
  const second = await world.syncAll()
  expect(second.posts).toBe(first.posts)
  expect(second.post_metrics).toBe(first.post_metrics + 3)
  const [renamed] = await world.db.rows<{ count: string }>(
    sql`select count(*) from posts where title = 'Renamed since'`,
  )
  expect(renamed?.count).toBe('1')
  const [shrunk] = await world.db.rows<{ views: string }>(sql`
    select m.views from post_metrics m join posts p on p.id = m.post_id where p.native_id = ${edited[0]?.id ?? ''}
    order by m.observed_at desc limit 1`)
  expect(shrunk?.views).toBe('7')
  await world.clock.jumpTo(new Date(start.getTime() + 2 * dayMs))
  const third = await world.syncAll()
  expect(third.post_metrics).toBe(second.post_metrics + first.posts)
  expect(await verify(world.db)).toEqual([])
})

test('out of quota the tasks wait for the Pacific midnight, and go on from there', async () => {
  const observations = fewAccounts(6)
  const world = await openTestWorld({ observations, env: { YOUTUBE_UNITS_PER_DAY: '16' } })
  const standing = await world.syncAll()
  expect(standing.tasks).toEqual({ done: 6 })
  const windows = await world.db.rows<{ used: number; hour: string }>(sql`
    select used, to_char(window_start at time zone 'America/Los_Angeles', 'HH24:MI') as hour
    from quota_windows where pool = 'youtube.general.day' order by window_start`)
  expect(windows.length).toBeGreaterThan(1)
  expect(windows.every(({ used, hour }) => used <= 16 && hour === '00:00')).toBe(true)
  expect(standing.posts).toBe(observations.filter((line) => line.kind === 'post').length)
  expect(await verify(world.db)).toEqual([])
})

test('a platform that says its quota is gone blocks the pool, and nothing is lost', async () => {
  const world = await openTestWorld()
  // About noon in California: early in the day such a refusal may be about the day before.
  const noon = new Date(Math.ceil(world.clock.now().getTime() / dayMs) * dayMs + (20 / 24) * dayMs)
  await world.clock.jumpTo(noon)
  const error = { code: 403, message: 'quota', errors: [{ reason: 'quotaExceeded' }] }
  world.simulators.youtube.plan({
    path: '/youtube/v3/playlistItems',
    times: 1,
    after: 1,
    status: { status: 403, body: { error } },
  })
  const standing = await world.syncAll()
  expect(standing.tasks).toEqual({ done: 3 })
  const [window] = await world.db.rows<{ used: number; limit: number }>(sql`
    select used, "limit" from quota_windows where pool = 'youtube.general.day' order by window_start limit 1`)
  expect(window?.used).toBe(window?.limit)
  expect(await verify(world.db)).toEqual([])
})

test.for([
  { name: 'lost answers', fault: { drop: true } },
  { name: 'cut answers', fault: { truncate: true } },
  { name: 'server errors', fault: { status: { status: 503, body: 'busy' } } },
  {
    name: 'refused page tokens',
    fault: {
      after: 3,
      status: { status: 400, body: { error: { code: 400, errors: [{ reason: 'invalidPageToken' }] } } },
    },
  },
])('$name of the platform leave the same rows', async ({ fault }) => {
  const calm = await openTestWorld()
  await calm.syncAll()
  const world = await openTestWorld()
  world.simulators.youtube.plan({ path: '/youtube/v3/playlistItems', times: 2, ...fault })
  world.simulators.youtube.plan({ path: '/youtube/v3/videos', times: 1, after: 1, drop: true })
  const standing = await world.syncAll()
  expect(standing.tasks).toEqual({ done: 3 })
  const { tasks: _walks, ...rows } = await snapshot(world.db)
  const { tasks: _calmWalks, ...expected } = await snapshot(calm.db)
  expect(rows).toEqual(expected)
  expect(await verify(world.db)).toEqual([])
})

test('a refused page token begins a new walk from page 1', async () => {
  const world = await openTestWorld({ observations: largestAccount() })
  const body = { error: { code: 400, errors: [{ reason: 'invalidPageToken' }] } }
  world.simulators.youtube.plan({
    path: '/youtube/v3/playlistItems',
    times: 1,
    after: 1,
    status: { status: 400, body },
  })
  await world.syncAll()
  const walks = await world.db.rows<{ walk: number }>(sql`select distinct walk from raw_pages order by walk`)
  expect(walks).toEqual([{ walk: 1 }, { walk: 2 }])
  expect(await verify(world.db)).toEqual([])
})

test('an account the platform does not know is marked missing, and its task fails', async () => {
  const world = await openTestWorld()
  const native_id = 'UCnobodyhasthisidatall00'
  await world.db.rows(
    sql`insert into accounts (platform, native_id, access_mode) values ('youtube', ${native_id}, 'public_key')`,
  )
  const standing = await world.syncAll()
  expect(standing.tasks).toEqual({ done: 3, failed: 1 })
  const [account] = await world.db.rows<{ status: string }>(
    sql`select status from accounts where native_id = ${native_id}`,
  )
  expect(account?.status).toBe('missing')
  expect(await verify(world.db)).toEqual([])
})

test('a wrong API key makes the tasks wait with the reason, and loses nothing', async () => {
  const world = await openTestWorld({ env: { YOUTUBE_API_KEY: 'not-the-api-key' } })
  await world.db.rows(sql`update accounts set next_sync_at = app_now()`)
  await world.within((opened) => opened.cloud.triggers.tick('extract-youtube'))
  const tasks = await world.db.rows<{ status: string; reason: string; last_error: string }>(
    sql`select status, reason, last_error from sync_tasks`,
  )
  expect(tasks).toHaveLength(3)
  for (const task of tasks) {
    expect(task).toMatchObject({ status: 'waiting', reason: 'credential' })
    expect(task.last_error).not.toContain('not-the-api-key')
  }
  expect(await verify(world.db)).toEqual([])
})

test('a lookup for many that is refused for good is made again for each half, and only the one at fault fails', async () => {
  const world = await openTestWorld()
  const bad = { status: 400, body: { error: { code: 400, errors: [{ reason: 'invalidFilters' }] } } }
  // The call for all three, that for the first two, and then the first one alone.
  world.simulators.youtube.plan({ path: '/youtube/v3/channels', times: 3, status: bad })
  const standing = await world.syncAll()
  expect(standing.tasks).toEqual({ done: 2, failed: 1 })
  const accounts = await world.db.rows(sql`select distinct status from accounts`)
  expect(accounts).toEqual([{ status: 'active' }])
  expect(await verify(world.db)).toEqual([])
})
