import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { retryReading } from '#shared/db/tables/credentials.ts'
import { verify } from '#shared/db/views/verify.ts'
import { ownUser, sharedToken } from '../../local/simulators/instagram/tokens.ts'
import { idOf, type Person, people } from '../setup/instagram.ts'
import { someOf } from '../setup/some-of.ts'
import { openTestWorld, type TestWorldOptions } from '../setup/world.ts'

const open = (all: readonly Person[], more: Partial<TestWorldOptions> = {}) =>
  openTestWorld({ observations: people(all), platforms: ['instagram'], ...more })
const edge = `/v25.0/${ownUser.id}`

test('one call finds an account and its first posts; further pages are found by cursors alone', async () => {
  const world = await open([
    { username: 'many', posts: 120 },
    { username: 'full.page', posts: 50 },
    { username: 'few', posts: 3 },
    { username: 'none_', posts: 0 },
  ])
  expect(await world.syncAll()).toMatchObject({ posts: 173, quarantined: 0, parked: 0, tasks: { done: 4 } })
  // Three pages, a full one and the empty one after it, and one each.
  expect(world.simulators.instagram.calls.get(edge)).toBe(3 + 2 + 1 + 1)
  const walks = await world.db.rows(sql`select distinct walk_outcome from sync_tasks`)
  expect(walks).toEqual([{ walk_outcome: 'whole' }])
  expect(world.failures).toEqual([])
  expect(await verify(world.db)).toEqual([])
})

test('a profile that counts far more posts than are shown has no whole walk, so that nothing is missed', async () => {
  const world = await open([{ username: 'shy', posts: 3, media_count: 400 }])
  await world.syncAll()
  expect(await world.db.rows(sql`select walk_outcome, cursor ->> 'ended' as ended from sync_tasks`)).toEqual([
    { walk_outcome: 'partial', ended: 'short' },
  ])
})

test('an answer without media is no empty list: it is asked for again, and nothing is missed', async () => {
  const world = await open([{ username: 'many', posts: 3 }])
  await world.syncAll()
  const edit = (body: unknown) => {
    const { business_discovery, ...rest } = body as { business_discovery: Record<string, unknown> }
    const { media, media_count, ...user } = business_discovery
    return { ...rest, business_discovery: user }
  }
  for (let day = 0; day < 2; day += 1) {
    await world.clock.jumpTo(new Date(world.clock.now().getTime() + 2 * 86_400_000))
    world.simulators.instagram.plan({ path: edge, times: 100, edit })
    await world.syncAll()
    world.simulators.instagram.clearFaults()
  }
  expect(await world.db.rows(sql`select distinct status from posts`)).toEqual([{ status: 'present' }])
  // Empty, and without a count: not believed either.
  world.simulators.instagram.plan({
    path: edge,
    times: 100,
    edit: (body) => ({
      business_discovery: {
        ...(edit(body) as { business_discovery: object }).business_discovery,
        media: { data: [] },
      },
    }),
  })
  await world.syncAll()
  expect(await world.db.rows(sql`select distinct status from posts`)).toEqual([{ status: 'present' }])
  expect(await verify(world.db)).toEqual([])
})

test('the token and the links that carry it are kept nowhere', async () => {
  const world = await open([{ username: 'many', posts: 60 }])
  await world.syncAll()
  const [found] = await world.db.rows<{ count: number }>(sql`
    select count(*)::int as count from (select body as text from raw_bodies union all select t::text from sync_tasks t
      union all select encode(sealed, 'escape') from credentials) everything where text like ${`%${sharedToken}%`}`)
  expect(found?.count).toBe(0)
})

test('the hour of the app is never overspent: the platform refuses no call, and all accounts are read', async () => {
  const all = Array.from({ length: 45 }, (_, index) => ({ username: `brand${index}`, posts: 1 }))
  const world = await open(all, {
    instagram: { appCallsPerHour: 20 },
    env: { INSTAGRAM_APP_CALLS_PER_HOUR: '20' },
  })
  expect(await world.syncAll()).toMatchObject({ posts: 45, tasks: { done: 45 } })
  expect(await world.db.rows(sql`select from quota_windows where blocked_until > '-infinity'`)).toEqual([])
  expect(await verify(world.db)).toEqual([])
})

test('calls that others make with the same app are seen in its headers, and left room for', async () => {
  const world = await open(
    Array.from({ length: 12 }, (_, index) => ({ username: `brand${index}`, posts: 1 })),
    {
      instagram: { appCallsPerHour: 40 },
      env: { INSTAGRAM_APP_CALLS_PER_HOUR: '40' },
    },
  )
  for (let call = 0; call < 34; call += 1) {
    await fetch(`${world.simulators.instagram.url}${edge}?fields=id`, {
      headers: { authorization: `Bearer ${sharedToken}` },
    })
  }
  expect(await world.syncAll()).toMatchObject({ posts: 12, tasks: { done: 12 } })
  const [first] = await world.db.rows<{ used: number; limit: number }>(sql`
    select used, "limit" from quota_windows where pool = 'instagram.app.hour' order by window_start limit 1`)
  expect(first?.used).toBe(first?.limit)
})

test.for(someOf(['4', '17', '80002'], 1))('a rate error %s makes syncs wait and go on', async (code) => {
  const world = await open([{ username: 'many', posts: 120 }])
  const refusal = {
    error: { message: 'limit', code: Number(code), type: 'OAuthException', is_transient: true },
  }
  world.simulators.instagram.plan({ path: edge, times: 1, after: 1, status: { status: 403, body: refusal } })
  expect(await world.syncAll()).toMatchObject({ posts: 120, tasks: { done: 1 } })
  expect(await verify(world.db)).toEqual([])
})

test('a shared token that is refused stops its pool; accounts keep their status and are read when it is good again', async () => {
  const world = await open([
    { username: 'one', posts: 1 },
    { username: 'two', posts: 1 },
  ])
  const refusal = { error: { message: 'expired', code: 190, type: 'OAuthException' } }
  world.simulators.instagram.plan({ path: edge, times: 2, status: { status: 400, body: refusal } })
  expect(await world.syncAll()).toMatchObject({ posts: 2, tasks: { done: 2 } })
  expect(await world.db.rows(sql`select distinct status from accounts`)).toEqual([{ status: 'active' }])
})

test('a shared token that has ended is a fault of the app, and once a new one is stored all that waited is read at once', async () => {
  const world = await open([{ username: 'one', posts: 1 }])
  await world.db.rows(sql`
    update credentials set access_expires_at = app_now() - interval '1 minute' where account_id is null`)
  await world.db.rows(sql`update accounts set next_sync_at = app_now()`)
  await world.within(({ cloud }) => cloud.triggers.tick('extract-instagram'))
  expect(await world.db.rows(sql`select code, message from app_faults`)).toEqual([
    { code: 'config', message: 'the shared token: it has expired' },
  ])
  await world.db.rows(sql`update credentials set access_expires_at = null where account_id is null`)
  await world.db.transaction((tx) => retryReading(tx, 'instagram', null))
  await world.within(async ({ cloud, followThrough }) => {
    await cloud.triggers.tick('extract-instagram')
    await followThrough()
  })
  expect(await world.db.rows(sql`select code from app_faults`)).toEqual([])
  expect(await world.db.rows(sql`select count(*)::int as posts from posts`)).toEqual([{ posts: 1 }])
})

test('a field that the platform serves no more goes NULL with one alert, and the rest goes on', async () => {
  const world = await open(
    [
      { username: 'one', posts: 60 },
      { username: 'two', posts: 1 },
    ],
    { instagram: { withdrawn: ['view_count', 'website'] } },
  )
  expect(await world.syncAll()).toMatchObject({ posts: 61, tasks: { done: 2 } })
  const numbers = await world.db.rows(
    sql`select count(*) filter (where views is not null)::int as views, count(likes)::int as likes from post_metrics`,
  )
  expect(numbers).toEqual([{ views: 0, likes: 61 }])
  expect(world.logged('serves this field no more')).toHaveLength(2)
  expect(await verify(world.db)).toEqual([])
})

test('a page that is too heavy is asked for again in half the size', async () => {
  const world = await open([{ username: 'heavy', posts: 60 }])
  const refusal = {
    error: { message: 'Please reduce the amount of data you are asking for', code: 1, type: 'x' },
  }
  world.simulators.instagram.plan({ path: edge, times: 1, status: { status: 500, body: refusal } })
  expect(await world.syncAll()).toMatchObject({ posts: 60, tasks: { done: 1 } })
  expect(world.simulators.instagram.calls.get(edge)).toBe(1 + 3)
})

test('without the setting that discovery needs, accounts wait and stay what they are', async () => {
  const world = await open([{ username: 'one', posts: 1 }], { env: { INSTAGRAM_USER_ID: undefined } })
  await world.db.rows(sql`update accounts set next_sync_at = app_now()`)
  await world.within(({ cloud }) => cloud.triggers.tick('extract-instagram'))
  expect(await world.db.rows(sql`select status, reason, last_error from sync_tasks`)).toEqual([
    { status: 'waiting', reason: 'config', last_error: expect.stringContaining('are missing') },
  ])
  expect(await world.db.rows(sql`select status from accounts`)).toEqual([{ status: 'active' }])
})

test('an error that comes with HTTP 200 is an error', async () => {
  const world = await open([{ username: 'many', posts: 60 }])
  const refusal = { error: { message: 'temporary', code: 2, type: 'OAuthException', is_transient: true } }
  world.simulators.instagram.plan({ path: edge, times: 2, status: { status: 200, body: refusal } })
  expect(await world.syncAll()).toMatchObject({ posts: 60, parked: 0, quarantined: 0, tasks: { done: 1 } })
})

test('throttling in disguise deletes nothing, and the account stays what it was', async () => {
  const world = await open([{ username: 'many', posts: 3 }])
  await world.syncAll()
  const hidden = { error: { message: 'Unsupported get request', code: 100, error_subcode: 33, type: 'x' } }
  for (let day = 0; day < 3; day += 1) {
    await world.clock.jumpTo(new Date(world.clock.now().getTime() + 86_400_000))
    world.simulators.instagram.plan({ path: edge, times: 20, status: { status: 400, body: hidden } })
    await world.syncAll()
    world.simulators.instagram.clearFaults()
  }
  expect(await world.db.rows(sql`select distinct status from posts`)).toEqual([{ status: 'present' }])
  expect(await world.db.rows(sql`select status from accounts`)).toEqual([{ status: 'active' }])
  expect(await verify(world.db)).toEqual([])
})

test('a username that was given up makes its account missing; it comes back under its new handle', async () => {
  const before = people([{ username: 'old.name', posts: 2 }])
  const world = await openTestWorld({ observations: before, platforms: ['instagram'] })
  await world.syncAll()
  await world.db.rows(sql`update accounts set handle = 'never.existed'`)
  expect(await world.syncAll()).toMatchObject({ posts: 2, tasks: { done: 1, failed: 1 } })
  expect(await world.db.rows(sql`select status, status_reason from accounts`)).toEqual([
    { status: 'missing', status_reason: expect.stringContaining('does not find @never.existed any more') },
  ])
  await world.db.rows(sql`update accounts set handle = 'old.name'`)
  await world.syncAll()
  expect(await world.db.rows(sql`select status, handle from accounts`)).toEqual([
    { status: 'active', handle: 'old.name' },
  ])
})

test("a handle's new owner is not taken for the old one", async () => {
  const world = await open([
    { username: 'taken', posts: 2 },
    { username: 'other', posts: 5 },
  ])
  await world.syncAll()
  // `taken` belongs to the other account from now on.
  await world.db.rows(sql`update accounts set handle = 'other' where native_id = ${idOf('taken')}`)
  await world.syncAll()
  expect(
    await world.db.rows(sql`
      select a.native_id, a.status, a.status_reason, count(p.id)::int as posts
      from accounts a join posts p on p.account_id = a.id group by a.id order by posts`),
  ).toEqual([
    {
      native_id: idOf('taken'),
      status: 'missing',
      status_reason: expect.stringContaining('belongs to another account now'),
      posts: 2,
    },
    { native_id: idOf('other'), status: 'active', status_reason: null, posts: 5 },
  ])
  expect(await verify(world.db)).toEqual([])
})

test('an account that was never shown to us is unsupported, and its reason says what would make it possible', async () => {
  const world = await open([{ username: 'known', posts: 1 }])
  await world.db.rows(sql`
    insert into accounts (platform, handle, access_mode) values ('instagram', 'personal.one', 'public_discovery')`)
  const account = async () => {
    await world.syncAll()
    const [row] = await world.db.rows(
      sql`select status, status_reason from accounts where handle = 'personal.one'`,
    )
    return row
  }
  // A second look, a day later, has to see the same.
  expect(await account()).toEqual({ status: 'active', status_reason: null })
  await world.clock.jumpTo(new Date(world.clock.now().getTime() + 25 * 3_600_000))
  expect(await account()).toEqual({
    status: 'unsupported',
    status_reason: expect.stringContaining('must become a business or creator account'),
  })
})

test('a cursor whose post was deleted meanwhile starts the walk again, and no post is doubled', async () => {
  const lines = people([{ username: 'many', posts: 120 }])
  const world = await openTestWorld({ observations: lines, platforms: ['instagram'] })
  const refusal = { error: { message: '(#100) Invalid parameter', code: 100, type: 'x' } }
  world.simulators.instagram.plan({ path: edge, times: 1, after: 2, status: { status: 400, body: refusal } })
  expect(await world.syncAll()).toMatchObject({ posts: 120, tasks: { done: 1 } })
  expect(await world.db.rows(sql`select max(walk) as walk from raw_pages`)).toEqual([{ walk: 2 }])
  expect(await verify(world.db)).toEqual([])
})

test('accounts we follow are found in captions whose @ Instagram drops, and none mentions itself', async () => {
  const world = await open([
    { username: 'a.brand', posts: 2 },
    { username: 'other.brand', posts: 1 },
  ])
  await world.syncAll()
  const mentions = await world.db.rows(sql`
    select a.handle as by, m.source, m.handle, m.position from post_mentions m
    join posts p on p.id = m.post_id join accounts a on a.id = p.account_id`)
  const found = {
    by: 'a.brand',
    source: 'dictionary',
    handle: 'other.brand',
    position: 'post 0 with '.length,
  }
  expect(mentions).toEqual([found, found])
})
