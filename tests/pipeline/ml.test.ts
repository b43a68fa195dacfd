import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { simulatedMl } from '../../local/cloud.ts'
import { worldNow } from '../setup/database.ts'
import { fewAccounts, openTestWorld } from '../setup/world.ts'

const observations = fewAccounts(1)
const contents = (world: { db: Parameters<typeof verify>[0] }) =>
  world.db.rows<{ count: number }>(sql`select count(distinct content_key)::int as count from ml_jobs`)

test('jobs that fail in a way worth another try get one further attempt, and posts are annotated by it', async () => {
  const world = await openTestWorld({ observations, ml: { failing: 0.3 } })
  const standing = await world.syncAll()
  expect(standing.tasks).toEqual({ done: 1 })
  expect(standing.ml_jobs.failed).toBeGreaterThan(0)
  expect(standing.ml_jobs.done).toBe((await contents(world))[0]?.count)
  const [task] = await world.db.rows<{ reason: string | null }>(sql`select reason from sync_tasks`)
  expect(task?.reason).toBeNull()
  expect(await verify(world.db)).toEqual([])
})

test('a job that fails for good leaves its task done and incomplete', async () => {
  const world = await openTestWorld({ observations, ml: { refusing: 0.1 } })
  const standing = await world.syncAll()
  expect(standing.tasks).toEqual({ done: 1 })
  const [task] = await world.db.rows<{ reason: string | null }>(sql`select reason from sync_tasks`)
  expect(task?.reason).toBe('incomplete')
  expect(await verify(world.db)).toEqual([])
})

test('answers lost after accepting cost nothing twice at a provider that knows its keys', async () => {
  const world = await openTestWorld({ observations, ml: { losing: 0.5 } })
  const standing = await world.syncAll()
  expect(world.simulators.ml.accepted()).toBe((await contents(world))[0]?.count)
  expect(standing.ml_jobs).toMatchObject({ open: 0, failed: 0 })
  expect(await verify(world.db)).toEqual([])
})

test('at a provider that does not, a lost answer is sent once more and counted', async () => {
  const world = await openTestWorld({
    observations,
    ml: { minimal: true },
    env: { ML_PROVIDERS: simulatedMl({ idempotent: false }) },
  })
  world.simulators.ml.plan({ path: '/jobs', times: 2, after: 3, drop: true })
  const standing = await world.syncAll()
  expect(standing.tasks).toEqual({ done: 1 })
  const [twice] = await world.db.rows<{ count: number }>(
    sql`select count(*)::int as count from ml_jobs where maybe_paid_twice`,
  )
  expect(twice?.count).toBe(2)
  expect(standing.ml_jobs.done).toBe((await contents(world))[0]?.count)
  expect(await verify(world.db)).toEqual([])
})

test('a job that is never ready expires at its deadline and gets one further attempt', async () => {
  const world = await openTestWorld({
    observations: observations.slice(0, 3),
    ml: { durationMs: () => 30 * 86_400_000 },
    env: { ML_PROVIDERS: simulatedMl({ deadline_hours: 12 }) },
  })
  const standing = await world.syncAll()
  expect(standing.tasks).toEqual({ done: 1 })
  expect(standing.ml_jobs).toMatchObject({
    open: 0,
    done: 0,
    expired: 2 * ((await contents(world))[0]?.count ?? 0),
  })
  expect(await verify(world.db)).toEqual([])
})

test('a provider that asks to slow down closes its pool, and the jobs go later', async () => {
  const world = await openTestWorld({ observations })
  world.simulators.ml.plan({
    path: '/jobs',
    times: 10,
    after: 5,
    status: { status: 429, body: {}, headers: { 'retry-after': '600' } },
  })
  world.simulators.ml.plan({
    path: '/jobs:batchGet',
    times: 2,
    status: { status: 503, body: {}, headers: { 'retry-after': '300' } },
  })
  const standing = await world.syncAll()
  expect(standing.tasks).toEqual({ done: 1 })
  expect(standing.ml_jobs).toMatchObject({ open: 0, failed: 0 })
  expect(await verify(world.db)).toEqual([])
})

test('an outage of many hours costs no job its attempts', async () => {
  const world = await openTestWorld({ observations: observations.slice(0, 6) })
  world.simulators.ml.plan({
    path: '/jobs',
    times: 40,
    status: { status: 503, body: {}, headers: { 'retry-after': '1800' } },
  })
  const standing = await world.syncAll()
  expect(standing.tasks).toEqual({ done: 1 })
  expect(standing.ml_jobs).toMatchObject({ open: 0, failed: 0 })
  expect(standing.parked).toBe(0)
  expect(await verify(world.db)).toEqual([])
})

test('an answer that is none of the contract is parked with its body', async () => {
  const world = await openTestWorld({ observations: observations.slice(0, 4) })
  world.simulators.ml.plan({
    path: '/jobs:batchGet',
    times: 1,
    edit: (body) => ({
      jobs: (body as { jobs: { job_id: string }[] }).jobs.map(({ job_id }, index) =>
        index === 0 ? { job_id, status: 'maybe' } : { job_id, status: 'pending' },
      ),
    }),
  })
  const standing = await world.syncAll()
  expect(standing.parked).toBe(1)
  const [job] = await world.db.rows<{ error: string }>(sql`select error from ml_jobs where parked`)
  expect(job?.error).toContain('maybe')
  expect(await verify(world.db)).toEqual([])
})

test('a post whose text was edited shows what was found in its new text only', async () => {
  const start = worldNow()
  const lines = fewAccounts(1, start)
  const [post] = lines.filter((line) => line.kind === 'post')
  if (!post) throw new Error('no post')
  const resource = structuredClone(post.resource) as { snippet: { title: string; description: string } }
  resource.snippet = { ...resource.snippet, title: 'Now about Samsung', description: '' }
  const edited = { ...post, at: new Date(start.getTime() + 7_200_000).toISOString(), resource }
  const world = await openTestWorld({
    observations: [...lines, { ...edited, resource: { ...resource } }],
    asOfClock: true,
  })
  await world.syncAll()
  await world.clock.jumpTo(new Date(start.getTime() + 3 * 3_600_000))
  await world.syncAll()
  const annotations = await world.db.rows<{ result: string }>(sql`
    select a.result from post_annotations a join posts p on p.id = a.post_id
    where p.native_id = ${post.id} and a.kind = 'text'`)
  expect(annotations).toHaveLength(1)
  expect(annotations[0]?.result).toContain('Samsung')
  expect(await verify(world.db)).toEqual([])
})

test('a provider that denies its jobs once is sent nothing twice', async () => {
  const world = await openTestWorld({ observations: observations.slice(0, 4) })
  world.simulators.ml.plan({
    path: '/jobs:batchGet',
    times: 1,
    edit: (body) => ({
      jobs: [],
      not_found: (body as { jobs: { job_id: string }[] }).jobs.map(({ job_id }) => job_id),
    }),
  })
  const standing = await world.syncAll()
  expect(standing.ml_jobs).toMatchObject({ open: 0, failed: 0, expired: 0 })
  expect(world.simulators.ml.accepted()).toBe(standing.ml_jobs.done)
  expect(await verify(world.db)).toEqual([])
})
