import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import type { Observation } from '../../local/world/world.ts'
import { openTestWorld } from '../setup/world.ts'

const startS = Date.UTC(2026, 9, 1) / 1000

/** Accounts with so many videos each; two of them share every second, across the ends of pages too. */
function accountsWith(counts: readonly number[]): Observation[] {
  return counts.flatMap((count, index): Observation[] => {
    const line = { platform: 'tiktok' as const, account: `user${index}`, at: '2026-01-01T00:00:00.000Z' }
    const user = {
      open_id: `open-${index}`,
      username: `user${index}`,
      follower_count: 10,
      video_count: count,
    }
    const videos = Array.from({ length: count }, (_, number): Observation => {
      const id = `7${index}${String(number).padStart(6, '0')}`
      const resource = {
        id,
        create_time: startS - Math.ceil(number / 2) * 60,
        video_description: `video ${number}`,
        view_count: number,
      }
      return { ...line, kind: 'post', id, resource }
    })
    return [{ ...line, kind: 'profile', id: `open-${index}`, resource: user }, ...videos]
  })
}

const open = (counts: readonly number[], more: Partial<Parameters<typeof openTestWorld>[0]> = {}) =>
  openTestWorld({ observations: accountsWith(counts), platforms: ['tiktok'], ...more })

test('every video is found, also those that share a second across the end of a page', async () => {
  const world = await open([65, 1, 0])
  const standing = await world.syncAll()
  expect(standing).toMatchObject({ posts: 66, quarantined: 0, tasks: { done: 3 } })
  const walks = await world.db.rows(sql`select distinct walk_outcome from sync_tasks`)
  expect(walks).toEqual([{ walk_outcome: 'whole' }])
  expect(world.failures).toEqual([])
  expect(await verify(world.db)).toEqual([])
})

test('a walk that is interrupted goes on from its place, which lasts', async () => {
  const world = await open([65])
  world.simulators.tiktok.plan({
    path: '/v2/video/list/',
    times: 1,
    after: 2,
    status: { status: 500, body: {} },
  })
  const standing = await world.syncAll()
  expect(standing).toMatchObject({ posts: 65, tasks: { done: 1 } })
  const walks = await world.db.rows(sql`select distinct walk from raw_pages`)
  expect(walks).toEqual([{ walk: 1 }])
  expect(await verify(world.db)).toEqual([])
})

test('one bad token makes its own account wait with the reason, and stops no other', async () => {
  const world = await open([3, 3])
  await world.db.rows(sql`
    update credentials set access_expires_at = app_now() - interval '1 minute'
    where account_id = (select id from accounts where native_id = 'open-0')`)
  await world.db.rows(sql`update accounts set next_sync_at = app_now()`)
  await world.within(async ({ cloud }) => {
    await cloud.triggers.tick('extract-tiktok')
    while (!cloud.triggers.idle()) await new Promise((resolve) => setTimeout(resolve, 5))
  })
  const tasks = await world.db.rows(sql`
    select a.native_id, t.status, t.reason, t.last_error, t.attempts from sync_tasks t
    join accounts a on a.id = t.account_id order by 1`)
  expect(tasks).toMatchObject([
    { status: 'waiting', reason: 'token', last_error: expect.stringContaining('expired'), attempts: 0 },
    { status: expect.stringMatching(/enriching|done/), reason: null },
  ])
  expect(await verify(world.db)).toEqual([])
})

test('a token that was moved to another account is not opened there', async () => {
  const world = await open([1, 1])
  await world.db.rows(sql`
    update credentials c set sealed = (select sealed from credentials o where o.id <> c.id) where c.account_id = 1`)
  await world.db.rows(sql`update accounts set next_sync_at = app_now()`)
  await world.within(({ cloud }) => cloud.triggers.tick('extract-tiktok'))
  const [task] = await world.db.rows(
    sql`select status, reason, last_error from sync_tasks where account_id = 1`,
  )
  expect(task).toMatchObject({
    status: 'waiting',
    reason: 'token',
    last_error: expect.stringContaining('cannot be opened'),
  })
})

test('no minute of theirs, however it slides, sees more calls than it may', async () => {
  const world = await open([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], {
    tiktok: { callsPerMinute: 4 },
    env: { TIKTOK_CALLS_PER_MINUTE: '4' },
  })
  const standing = await world.syncAll()
  expect(standing).toMatchObject({ posts: 12, tasks: { done: 12 } })
  // The platform never had to refuse.
  const refused = await world.db.rows(sql`select from quota_windows where blocked_until > '-infinity'`)
  expect(refused).toEqual([])
  expect(await verify(world.db)).toEqual([])
})

test('tokens stand nowhere but sealed: not in rows, pages, or errors', async () => {
  const world = await open([2])
  await world.syncAll()
  const { access_token } = world.simulators.tiktok.consent('open-0')
  const secret = access_token.split('.')[1] ?? ''
  const [found] = await world.db.rows<{ count: number }>(sql`
    select count(*)::int as count from (
      select body as text from raw_bodies union all select t::text from sync_tasks t
      union all select encode(sealed, 'escape') from credentials
    ) everything where text like ${`%${secret}%`}`)
  expect(found?.count).toBe(0)
})

const expireAll = (world: Awaited<ReturnType<typeof open>>) =>
  world.db.rows(sql`update credentials set access_expires_at = app_now() + interval '10 minutes'`)
const versions = (world: Awaited<ReturnType<typeof open>>) =>
  world.db.rows(sql`
    select version, status, access_expires_at > app_now() + interval '1 hour' as fresh from credentials order by id`)

test('tokens that end soon are refreshed once, however many refreshers race, and the account is read on', async () => {
  const world = await open([3, 3])
  await expireAll(world)
  await world.within(async ({ cloud }) => {
    const other = await world.open()
    await Promise.all([cloud.triggers.tick('maintain'), other.cloud.triggers.tick('maintain')])
    await other.close()
  })
  expect(await versions(world)).toEqual([
    { version: '3', status: 'ok', fresh: true },
    { version: '3', status: 'ok', fresh: true },
  ])
  await world.clock.jumpTo(new Date(world.clock.now().getTime() + 30 * 60_000))
  expect(await world.syncAll()).toMatchObject({ posts: 6, tasks: { done: 2 } })
})

test('a refresh token that is refused makes its own account ask for consent, and no other', async () => {
  const world = await open([1, 1])
  await expireAll(world)
  world.simulators.tiktok.plan({
    path: '/v2/oauth/token/',
    times: 1,
    status: { status: 400, body: { error: 'invalid_grant', error_description: 'expired', log_id: '1' } },
  })
  await world.within(({ cloud }) => cloud.triggers.tick('maintain'))
  const accounts = await world.db.rows<{ status: string }>(sql`select status from accounts order by status`)
  expect(accounts.map(({ status }) => status)).toEqual(['active', 'reauth_required'])
})

test('a token endpoint that is away costs nothing: the tokens are refreshed when it is back', async () => {
  const world = await open([1])
  await expireAll(world)
  world.simulators.tiktok.plan({ path: '/v2/oauth/token/', times: 1, status: { status: 503, body: 'busy' } })
  await world.within(async ({ cloud }) => {
    await cloud.triggers.tick('maintain')
    expect(await versions(world)).toMatchObject([{ status: 'ok', fresh: false }])
    await world.clock.jumpTo(new Date(world.clock.now().getTime() + 6 * 60_000))
    await cloud.triggers.tick('maintain')
  })
  expect(await versions(world)).toMatchObject([{ status: 'ok', fresh: true }])
})

test('an account whose owner must consent again fails its sync, and is read again after the consent', async () => {
  const world = await open([2])
  await world.db.rows(sql`update credentials set status = 'reauth_required'`)
  expect(await world.syncAll()).toMatchObject({ posts: 0, tasks: { failed: 1 } })
  await world.db.rows(sql`update accounts set status = 'reauth_required'`)
  await world.consent('open-0')
  expect(await world.syncAll()).toMatchObject({ posts: 2, tasks: { failed: 1, done: 1 } })
})

test('a list that says there is more and shows no way forward is never taken for its end', async () => {
  const world = await open([45])
  const edit = (body: unknown) => ({ ...(body as object), data: { videos: [], has_more: true } })
  world.simulators.tiktok.plan({ path: '/v2/video/list/', times: 1, after: 1, edit })
  expect(await world.syncAll()).toMatchObject({ posts: 45, tasks: { done: 1 } })
  expect(await verify(world.db)).toEqual([])
})
