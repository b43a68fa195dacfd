import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { idOf, type Person, people } from '../setup/instagram.ts'
import { openTestWorld, type TestWorldOptions } from '../setup/world.ts'

/** Accounts whose owners let us in. */
async function open(all: readonly Person[], more: Partial<TestWorldOptions> = {}) {
  const world = await openTestWorld({ observations: people(all), platforms: ['instagram'], ...more })
  await world.db.rows(sql`update accounts set access_mode = 'own_oauth'`)
  for (const { username } of all) await world.consent(idOf(username))
  return world
}
const edgeOf = (username: string) => `/v25.0/${idOf(username)}/media`

test('own accounts are read page by page while there is a link to the next one', async () => {
  const world = await open([
    { username: 'many', posts: 250 },
    { username: 'exact', posts: 100 },
    { username: 'none_', posts: 0 },
  ])
  expect(await world.syncAll()).toMatchObject({ posts: 350, quarantined: 0, tasks: { done: 3 } })
  expect(world.simulators.instagram.calls.get(edgeOf('many'))).toBe(3)
  expect(world.simulators.instagram.calls.get(edgeOf('exact'))).toBe(1)
  const [mention] = await world.db.rows(sql`select source, handle from post_mentions limit 1`)
  expect(mention).toEqual({ source: 'text', handle: 'other.brand' })
  expect(await verify(world.db)).toEqual([])
})

test('a page that is empty and has a link is not the end', async () => {
  const world = await open([{ username: 'many', posts: 150 }])
  const edit = (body: unknown) => ({ ...(body as object), data: [] })
  world.simulators.instagram.plan({ path: edgeOf('many'), times: 1, edit })
  // The page of the link after it is read all the same; what was cut out of the first is found by the next walk.
  await world.syncAll()
  expect(await world.db.rows(sql`select count(*)::int as posts from posts`)).toEqual([{ posts: 50 }])
  await world.syncAll()
  expect(await world.db.rows(sql`select count(*)::int as posts from posts`)).toEqual([{ posts: 150 }])
  expect(await verify(world.db)).toEqual([])
})

test('links to the next page, which carry the token, are scrubbed', async () => {
  const world = await open([{ username: 'many', posts: 150 }])
  await world.syncAll()
  const bodies = await world.db.rows<{ body: string }>(
    sql`select body from raw_bodies where body like '%"next"%'`,
  )
  expect(bodies.length).toBeGreaterThan(0)
  for (const { body } of bodies) expect(body).not.toMatch(/IGAA|access_token/)
})

test('each account has an allowance of its own: one that is used up makes its own account wait, and no other', async () => {
  const world = await open(
    [
      { username: 'busy', posts: 450 },
      { username: 'calm', posts: 1 },
    ],
    { instagram: { accountCallsPerHour: 3 }, env: { INSTAGRAM_ACCOUNT_CALLS_PER_HOUR: '3' } },
  )
  await world.db.rows(sql`update accounts set next_sync_at = app_now()`)
  await world.within(async ({ cloud }) => {
    await cloud.triggers.tick('extract-instagram')
    while (!cloud.triggers.idle()) await new Promise((resolve) => setTimeout(resolve, 5))
  })
  const tasks = await world.db.rows(sql`
    select a.handle, t.status, t.reason from sync_tasks t join accounts a on a.id = t.account_id order by 1`)
  expect(tasks).toMatchObject([
    { handle: 'busy', status: 'waiting', reason: 'quota' },
    { handle: 'calm', status: expect.stringMatching(/enriching|done/) },
  ])
  await world.within((opened) => opened.followThrough())
  expect(await world.db.rows(sql`select count(*)::int as posts from posts`)).toEqual([{ posts: 451 }])
})

test('a dead token makes its own account ask for consent, and it is read again after the consent', async () => {
  const world = await open([
    { username: 'one', posts: 1 },
    { username: 'two', posts: 1 },
  ])
  const refusal = { error: { message: 'expired', code: 190, error_subcode: 463, type: 'OAuthException' } }
  world.simulators.instagram.plan({
    path: `/v25.0/${idOf('one')}`,
    times: 1,
    status: { status: 400, body: refusal },
  })
  expect(await world.syncAll()).toMatchObject({ posts: 1, tasks: { done: 1, failed: 1 } })
  expect(await world.db.rows(sql`select handle, status from accounts order by 1`)).toEqual([
    { handle: 'one', status: 'reauth_required' },
    { handle: 'two', status: 'active' },
  ])
  await world.consent(idOf('one'))
  expect(await world.syncAll()).toMatchObject({ posts: 2 })
})

test('tokens are renewed weekly, long before they end', async () => {
  const world = await open([{ username: 'one', posts: 1 }])
  const credentials = () =>
    world.db.rows(sql`select version, status from credentials where account_id is not null`)
  await world.within(({ cloud }) => cloud.triggers.tick('maintain'))
  expect(await credentials()).toEqual([{ version: '1', status: 'ok' }])
  await world.clock.jumpTo(new Date(world.clock.now().getTime() + 8 * 86_400_000))
  await world.within(({ cloud }) => cloud.triggers.tick('maintain'))
  expect(await credentials()).toEqual([{ version: '3', status: 'ok' }])
  expect(await world.syncAll()).toMatchObject({ posts: 1, tasks: { done: 1 } })
})
