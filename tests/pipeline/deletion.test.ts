import { expect, test } from 'vitest'
import { countMissesById } from '#shared/db/operations/due-metrics.ts'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import type { Observation } from '../../local/world/world.ts'
import { openApi } from '../setup/api.ts'
import { worldNow } from '../setup/database.ts'
import { someOf } from '../setup/some-of.ts'
import { fewAccounts, largestAccount, openTestWorld, type TestWorld } from '../setup/world.ts'

const hourMs = 3_600_000

/** One account; its first post is gone after an hour, and back after sixty hours when `returns`. */
async function openWorldWithGonePost(returns: boolean) {
  const start = worldNow()
  const lines = fewAccounts(1, start)
  const [post] = lines.filter((line) => line.kind === 'post')
  if (!post) throw new Error('no post')
  const after = (hours: number, resource: Observation['resource']): Observation => ({
    ...post,
    at: new Date(start.getTime() + hours * hourMs).toISOString(),
    resource,
  })
  const later = [after(1, null), ...(returns ? [after(60, post.resource)] : [])]
  const world = await openTestWorld({ observations: [...lines, ...later], asOfClock: true })
  const at = (hours: number) => world.clock.jumpTo(new Date(start.getTime() + hours * hourMs))
  return { world, post, at }
}

async function statusOf({ db }: TestWorld, nativeId: string): Promise<string | undefined> {
  const [row] = await db.rows<{ status: string }>(sql`select status from posts where native_id = ${nativeId}`)
  return row?.status
}

test('a post is missing when a whole walk does not see it, and deleted when it is missed again a day later', async () => {
  const { world, post, at } = await openWorldWithGonePost(false)
  await world.syncAll()
  expect(await statusOf(world, post.id)).toBe('present')
  await at(2)
  await world.syncAll()
  expect(await statusOf(world, post.id)).toBe('missing')
  await at(12)
  await world.syncAll()
  expect(await statusOf(world, post.id)).toBe('missing')
  await at(48)
  await world.syncAll()
  expect(await statusOf(world, post.id)).toBe('deleted')
  const others = await world.db.rows(sql`select from posts where status <> 'present'`)
  expect(others).toHaveLength(1)
  expect(await verify(world.db)).toEqual([])
})

test('a post that reappears is present again', async () => {
  const { world, post, at } = await openWorldWithGonePost(true)
  await world.syncAll()
  await at(2)
  await world.syncAll()
  expect(await statusOf(world, post.id)).toBe('missing')
  await at(61)
  await world.syncAll()
  expect(await statusOf(world, post.id)).toBe('present')
  expect(
    await world.db.rows(sql`select from posts where miss_count > 0 or missing_since is not null`),
  ).toEqual([])
})

test('a walk that ended at the look-back makes no post missing, however many pages it kept', async () => {
  const start = worldNow()
  const lines = largestAccount(start)
  const oldest = lines.filter((line) => line.kind === 'post').at(-1)
  if (!oldest) throw new Error('no post')
  const gone = { ...oldest, at: new Date(start.getTime() + hourMs).toISOString(), resource: null }
  const world = await openTestWorld({ observations: [...lines, gone], asOfClock: true })
  await world.syncAll()
  await world.clock.jumpTo(new Date(start.getTime() + 2 * hourMs))
  await world.syncAll()
  const walks = await world.db.rows(sql`
    select walk_outcome, (cursor ->> 'page_no')::int > 0 as kept from sync_tasks order by id`)
  expect(walks).toEqual([
    { walk_outcome: 'whole', kept: true },
    { walk_outcome: 'partial', kept: true },
  ])
  expect(await statusOf(world, oldest.id)).toBe('present')
})

test('a list that answers 404 for a channel with videos makes no post missing', async () => {
  const { world, at } = await openWorldWithGonePost(false)
  await world.syncAll()
  await at(2)
  const notFound = { status: 404, body: { error: { code: 404, errors: [{ reason: 'playlistNotFound' }] } } }
  world.simulators.youtube.plan({ path: '/youtube/v3/playlistItems', times: 100, status: notFound })
  await world.syncAll()
  expect(await world.db.rows(sql`select from sync_tasks where status = 'done'`)).toHaveLength(2)
  expect(await world.db.rows(sql`select from posts where status <> 'present'`)).toEqual([])
})

test.for([
  { name: 'a list whose answers are cut', fault: { truncate: true } },
  { name: 'a list that answers 500', fault: { status: { status: 500, body: {} } } },
  { name: 'a list with a record that fails validation', fault: { edit: withBadRecord } },
])('$name never makes a post missing', async ({ fault }) => {
  const { world, at } = await openWorldWithGonePost(false)
  await world.syncAll()
  await at(2)
  world.simulators.youtube.plan({ path: '/youtube/v3/playlistItems', times: 100, ...fault })
  await world.syncAll()
  expect(await world.db.rows(sql`select from sync_tasks`)).toHaveLength(2)
  expect(await world.db.rows(sql`select from posts where status <> 'present'`)).toEqual([])
  expect(await verify(world.db)).toEqual([])
})

function withBadRecord(body: unknown): unknown {
  const { items, ...rest } = body as { items: object[] }
  return {
    ...rest,
    items: items.map((item, index) => (index === 0 ? { ...item, contentDetails: {} } : item)),
  }
}

const instead = (body: unknown) => ({ status: { status: 200, body } })
const withoutPosts = [
  { name: 'a list of another kind', answer: instead({ kind: 'youtube#searchListResponse', items: [] }) },
  {
    name: 'an error with HTTP 200',
    answer: instead({ error: { code: 500, message: 'backend', errors: [] } }),
  },
  { name: 'an object of no kind', answer: instead({ items: [] }) },
  { name: 'a list of nothing', answer: instead({ kind: 'youtube#videoListResponse', items: [] }) },
]

test.for(someOf(withoutPosts, 2))(
  '$name in place of known posts and accounts deletes nothing',
  async ({ answer }) => {
    const world = await openTestWorld({ observations: fewAccounts(3) })
    await world.syncAll()
    const posts = await world.db.rows(sql`select from posts`)
    for (const path of ['channels', 'playlistItems', 'videos', 'videos:batchGetStats'])
      world.simulators.youtube.plan({
        path: `/youtube/v3/${path}`,
        times: Number.POSITIVE_INFINITY,
        ...answer,
      })
    // One post alone whose numbers are asked for by its id: an answer without it looks like a deletion.
    await world.db.rows(sql`
    update posts set published_at = app_now() - interval '20 days' where id = (select min(id) from posts)`)
    const opened = await world.open()
    for (let day = 0; day < 3; day += 1) {
      await world.db.rows(sql`update accounts set full_walk_at = null, next_sync_at = app_now()`)
      await opened.runUntil(new Date(world.clock.now().getTime() + 25 * hourMs), 6)
    }
    await opened.close()
    expect(await world.db.rows(sql`select distinct status from accounts`)).toEqual([{ status: 'active' }])
    expect(await world.db.rows(sql`select from posts where status = 'present'`)).toHaveLength(posts.length)
    expect(await verify(world.db)).toEqual([])
    world.simulators.youtube.clearFaults()
    await world.syncAll()
    expect(await world.db.rows(sql`select status from sync_tasks order by id desc limit 1`)).toEqual([
      { status: 'done' },
    ])
  },
)

test('many posts that go at once are held for a person, who says that they are deleted', async () => {
  const start = worldNow()
  const lines = largestAccount(start)
  const posts = lines.filter((line) => line.kind === 'post')
  const going = posts.slice(0, Math.ceil(posts.length / 2))
  expect(going.length).toBeGreaterThan(20)
  const at = new Date(start.getTime() + hourMs).toISOString()
  const { world, call } = await openApi({
    observations: [...lines, ...going.map((post) => ({ ...post, at, resource: null }))],
    asOfClock: true,
  })
  for (const hours of [0, 2, 48]) {
    await world.clock.jumpTo(new Date(start.getTime() + hours * hourMs))
    await world.db.rows(sql`update accounts set full_walk_at = null`)
    await world.syncAll()
  }
  const standing = () =>
    world.db.rows(sql`select status, count(*)::int as posts from posts group by 1 order by 1`)
  expect(await standing()).toEqual([
    { status: 'missing', posts: going.length },
    { status: 'present', posts: posts.length - going.length },
  ])
  const held = await call('GET', '/v1/held-deletions')
  expect(held.body).toMatchObject({ items: [{ account_id: '1', posts: going.length }] })
  expect(await verify(world.db)).toEqual([])
  // A few of them missed once more, by id: nothing but a person deletes what is held.
  await world.clock.jumpTo(new Date(start.getTime() + 80 * hourMs))
  await world.db.transaction(async (tx) => {
    const at = world.clock.now()
    const few = going.slice(0, 5).map(({ id }) => ({ native_id: id, account_id: '1', at, task_id: '3' }))
    await countMissesById(tx, 'youtube', few)
  })
  expect((await call('GET', '/v1/held-deletions')).body).toEqual(held.body)
  const confirmed = await call('POST', '/v1/held-deletions/confirm', { account_id: '1' })
  expect(confirmed).toMatchObject({ status: 200, body: { deleted: going.length } })
  expect(await standing()).toEqual([
    { status: 'deleted', posts: going.length },
    { status: 'present', posts: posts.length - going.length },
  ])
  expect(await call('POST', '/v1/held-deletions/confirm', { account_id: '1' })).toMatchObject({ status: 404 })
  expect(await verify(world.db)).toEqual([])
})
