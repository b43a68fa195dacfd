import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { channels } from '../../local/world/channels.ts'
import { openApi } from '../setup/api.ts'

test('an ad-hoc sync is served while many others are walked for the first time', async () => {
  const many = 30
  const observations = channels([...Array.from({ length: many }, () => 160), 20])
  const { world, opened, call } = await openApi({ observations, env: { ML_URL: undefined } })
  world.simulators.youtube.plan({ path: '*', times: Number.POSITIVE_INFINITY, delayMs: 20 })
  const [urgent] = world.world.accounts('youtube').slice(-1)
  await world.db.rows(sql`update accounts set next_sync_at = app_now() where native_id <> ${urgent}`)
  await world.db.rows(
    sql`update accounts set next_sync_at = app_now() + interval '1 day' where native_id = ${urgent}`,
  )
  const walked = opened.cloud.triggers.tick('extract-youtube')
  const pages = async () =>
    (await world.db.rows<{ count: number }>(sql`select count(*)::int as count from raw_pages`))[0]?.count ?? 0
  await expect.poll(pages).toBeGreaterThan(many)
  const started = await call('POST', '/v1/syncs', { platform: 'youtube', handle: urgent, mode: 'full' })
  expect(started.status).toBe(202)
  await walked
  await opened.followThrough()
  const [order] = await world.db.rows<{ before: number; after: number }>(sql`
    with asked as (
      select t.walk_ended_at from sync_tasks t join accounts a on a.id = t.account_id where a.native_id = ${urgent})
    select count(*) filter (where t.walk_ended_at < asked.walk_ended_at)::int as before,
      count(*) filter (where t.walk_ended_at > asked.walk_ended_at)::int as after from sync_tasks t, asked`)
  expect(order?.after).toBeGreaterThan(many / 2)
  expect(await world.db.rows(sql`select status, count(*)::int as tasks from sync_tasks group by 1`)).toEqual([
    { status: 'done', tasks: many + 1 },
  ])
  expect(await world.db.rows(sql`select count(*)::int as posts from posts`)).toEqual([
    { posts: many * 160 + 20 },
  ])
  // Nothing was asked twice for it: a channel, four pages and posts by fifty.
  expect(world.simulators.youtube.calls.get('/youtube/v3/playlistItems')).toBe(many * 4 + 1)
  expect(await verify(world.db)).toEqual([])
}, 120_000)

test('an answer about many that breaks at one account costs that one its turn, and the others nothing', async () => {
  const { world, opened } = await openApi({ observations: channels([3, 3, 3]), env: { ML_URL: undefined } })
  const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`
  world.simulators.youtube.plan({
    path: '/youtube/v3/channels',
    times: 1,
    edit: (body) => JSON.stringify(body).replace('"title":"channel 1"', `"title":"channel 1","deep":${deep}`),
  })
  await world.db.rows(sql`update accounts set next_sync_at = app_now()`)
  await opened.cloud.triggers.tick('extract-youtube')
  const tasks = await world.db.rows(sql`
    select a.native_id, t.status, t.reason from sync_tasks t join accounts a on a.id = t.account_id order by 1`)
  expect(tasks).toMatchObject([
    { status: expect.stringMatching(/transforming|enriching|done/) },
    { status: 'waiting', reason: 'error' },
    { status: expect.stringMatching(/transforming|enriching|done/) },
  ])
  await opened.followThrough()
  expect(await world.db.rows(sql`select count(*)::int as posts from posts`)).toEqual([{ posts: 9 }])
})
