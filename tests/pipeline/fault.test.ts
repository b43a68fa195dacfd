import { expect, test, vi } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { openApi } from '../setup/api.ts'
import { idOf, people } from '../setup/instagram.ts'
import { always, ask, dayMs, google, hourMs, later, meta, owned, states, waits } from '../setup/refusals.ts'
import { fewAccounts, openTestWorld } from '../setup/world.ts'

test('a restricted key condemns no account: its accounts wait, health says what to do, and all is read when the key is right', async () => {
  const { world, call } = await openApi({ observations: fewAccounts(3) })
  const refused = google(403, 'forbidden', 'API_KEY_HTTP_REFERRER_BLOCKED')
  world.simulators.youtube.plan(always(refused))
  await ask(world, 'youtube')
  expect(await states(world)).toEqual([{ status: 'active', accounts: 3 }])
  expect(await waits(world)).toEqual([{ status: 'waiting', reason: 'credential', tasks: 3 }])
  const health = await call('GET', '/health')
  expect(health).toMatchObject({
    status: 200,
    body: {
      status: 'app_refused',
      faults: [
        {
          platform: 'youtube',
          message: 'the app is refused',
          remedy: expect.stringContaining('YOUTUBE_API_KEY'),
        },
      ],
    },
  })
  // What the platform said may name an account: it takes a key.
  expect(await call('GET', '/v1/overview')).toMatchObject({
    body: { faults: [{ message: expect.stringContaining('API_KEY_HTTP_REFERRER_BLOCKED') }] },
  })
  // While it lasts, one call an hour.
  const before = world.simulators.youtube.calls.get('/youtube/v3/channels') ?? 0
  await later(world, 3 * hourMs)
  await ask(world, 'youtube')
  expect((world.simulators.youtube.calls.get('/youtube/v3/channels') ?? 0) - before).toBeLessThanOrEqual(2)
  world.simulators.youtube.clearFaults()
  await world.within((opened) => opened.followThrough())
  expect(await waits(world)).toEqual([{ status: 'done', reason: null, tasks: 3 }])
  // An answer is given again for two seconds.
  await vi.waitFor(
    async () => expect(await call('GET', '/health')).toMatchObject({ body: { status: 'ok', faults: [] } }),
    5_000,
  )
  expect(await verify(world.db)).toEqual([])
})

test('a bare refusal of all is the fault of the app, whatever it says; of one it changes no state', async () => {
  const world = await openTestWorld({ observations: fewAccounts(4) })
  world.simulators.youtube.plan(always(google(403, 'forbidden')))
  await ask(world, 'youtube')
  expect(await states(world)).toEqual([{ status: 'active', accounts: 4 }])
  expect(await waits(world)).toEqual([{ status: 'waiting', reason: 'credential', tasks: 4 }])
  // What was said of one account is not shown at another, which may be of another client.
  expect(await world.db.rows(sql`select distinct last_error from sync_tasks`)).toEqual([
    { last_error: 'the app is refused' },
  ])
  world.simulators.youtube.clearFaults()
  await later(world, 2 * hourMs)
  expect(await world.syncAll()).toMatchObject({ tasks: { done: expect.any(Number) } })
  expect(await world.db.rows(sql`select from app_faults`)).toEqual([])
  expect(await world.db.rows(sql`select from refusals`)).toEqual([])
  expect(await verify(world.db)).toEqual([])
})

test.for([
  {
    name: 'given in words, with HTTP 200',
    answer: meta(200, 'API access deactivated. To reactivate, go to the app dashboard.', undefined, 200),
  },
  {
    name: 'given as a missing permission of every owner',
    answer: meta(10, '(#10) Application does not have permission for this action'),
  },
  { name: 'given as an end of every token at once', answer: meta(190, 'Error validating access token', 463) },
])('a fault of the app $name asks nothing of owners', async ({ answer }) => {
  const world = await owned(4)
  world.simulators.instagram.plan(always(answer))
  await ask(world, 'instagram')
  expect(await states(world)).toEqual([{ status: 'active', accounts: 4 }])
  expect(await waits(world)).toEqual([{ status: 'waiting', reason: 'credential', tasks: 4 }])
  expect(await world.db.rows(sql`select platform, access_mode from app_faults`)).toEqual([
    { platform: 'instagram', access_mode: 'own_oauth' },
  ])
  world.simulators.instagram.clearFaults()
  expect(await world.syncAll()).toMatchObject({ posts: 4 })
  expect(await states(world)).toEqual([{ status: 'active', accounts: 4 }])
  expect(await world.db.rows(sql`select from app_faults`)).toEqual([])
  expect(await verify(world.db)).toEqual([])
})

test('a check that owners must pass leaves their tokens as they are', async () => {
  const world = await owned(3)
  world.simulators.instagram.plan(
    always(meta(190, 'You cannot access the app till you log in', 459), `/v25.0/${idOf('brand0')}`),
  )
  await ask(world, 'instagram')
  expect(await waits(world)).toContainEqual({ status: 'waiting', reason: 'check', tasks: 1 })
  expect(await states(world)).toEqual([{ status: 'active', accounts: 3 }])
  world.simulators.instagram.clearFaults()
  await world.within((opened) => opened.followThrough())
  expect(await world.db.rows(sql`select count(*)::int as posts from posts`)).toEqual([{ posts: 3 }])
})

test('what the app was refused for one by one, hours apart, is taken back when it shows to be the fault of the app', async () => {
  const world = await owned(5)
  world.simulators.instagram.plan(always(meta(190, 'Error validating access token', 463)))
  const seen = []
  for (const name of ['brand0', 'brand1', 'brand2']) {
    await world.db.rows(sql`update accounts set next_sync_at = app_now() where native_id = ${idOf(name)}`)
    await world.db.rows(
      sql`update accounts set next_sync_at = app_now() + interval '9 hours' where native_id <> ${idOf(name)}`,
    )
    await world.within(async ({ cloud }) => {
      await cloud.triggers.tick('extract-instagram')
      while (!cloud.triggers.idle()) await new Promise((resolve) => setTimeout(resolve, 5))
    })
    seen.push(await states(world))
    await later(world, hourMs)
  }
  expect(seen).toEqual([
    [
      { status: 'active', accounts: 4 },
      { status: 'reauth_required', accounts: 1 },
    ],
    [
      { status: 'active', accounts: 3 },
      { status: 'reauth_required', accounts: 2 },
    ],
    [{ status: 'active', accounts: 5 }],
  ])
  world.simulators.instagram.clearFaults()
  expect(await world.syncAll()).toMatchObject({ posts: 5 })
  expect(await verify(world.db)).toEqual([])
})

test('what waits for a second look gets it a day later, is looked at ever more rarely, and is healed by one good answer', async () => {
  const world = await owned(3)
  expect(await world.syncAll()).toMatchObject({ posts: 3 })
  const path = `/v25.0/${idOf('brand0')}`
  const one = () =>
    world.db.rows(sql`
      select status, round(extract(epoch from next_sync_at - app_now()) / 86400)::int as days from accounts
      where native_id = ${idOf('brand0')}`)
  world.simulators.instagram.plan(always(meta(36104, 'not available'), path))
  const seen = []
  for (const wait of [0, 1, 1, 7, 30]) {
    await later(world, wait * dayMs)
    await ask(world, 'instagram')
    seen.push(...(await one()))
  }
  expect(seen).toEqual([
    { status: 'active', days: 1 },
    { status: 'private', days: 1 },
    { status: 'private', days: 7 },
    { status: 'private', days: 30 },
    { status: 'private', days: 30 },
  ])
  const [task] = await world.db.rows<{ last_error: string }>(sql`
    select last_error from sync_tasks where last_error is not null order by id limit 1`)
  expect(task?.last_error).toContain('asked once more tomorrow')
  world.simulators.instagram.clearFaults()
  await ask(world, 'instagram')
  expect(await one()).toEqual([{ status: 'active', days: 1 }])
  expect(await world.db.rows(sql`select from refusals`)).toEqual([])
  expect(await verify(world.db)).toEqual([])
})

test('an account that alone is asked to slow down waits alone, and its pool stays open for the others', async () => {
  const names = ['brand0', 'brand1', 'brand2']
  const observations = people(names.map((username) => ({ username, posts: 1 })))
  const world = await openTestWorld({ observations, platforms: ['instagram'] })
  world.simulators.instagram.plan({
    ...always(meta(4, '(#4) Application request limit reached')),
    when: ({ query }) => query.get('fields')?.includes('(brand0)') ?? false,
  })
  const isBlocked = async () =>
    (await world.db.rows(sql`select from quota_windows where blocked_until > app_now()`)).length > 0
  await ask(world, 'instagram')
  // It is not known yet whether it is about the app.
  expect(await isBlocked()).toBe(true)
  for (let round = 0; round < 3; round += 1) {
    await later(world, hourMs)
    await ask(world, 'instagram')
    expect(await isBlocked()).toBe(false)
  }
  const tasks = await world.db.rows(sql`
    select a.handle, t.status, t.reason from sync_tasks t join accounts a on a.id = t.account_id
    where t.id in (select max(id) from sync_tasks group by account_id) order by 1`)
  expect(tasks).toMatchObject([
    { handle: 'brand0', status: 'waiting', reason: 'rate' },
    { handle: 'brand1', status: expect.stringMatching(/enriching|done/) },
    { handle: 'brand2', status: expect.stringMatching(/enriching|done/) },
  ])
  world.simulators.instagram.clearFaults()
  await world.within((opened) => opened.followThrough())
  expect(await world.db.rows(sql`select count(*)::int as posts from posts`)).toEqual([{ posts: 3 }])
  expect(await verify(world.db)).toEqual([])
})
