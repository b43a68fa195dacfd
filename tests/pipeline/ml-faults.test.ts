import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { simulatedMl } from '../../local/cloud.ts'
import { someOf } from '../setup/some-of.ts'
import { fewAccounts, openTestWorld, type TestWorld } from '../setup/world.ts'

const observations = fewAccounts(1).slice(0, 12)
const hourMs = 3_600_000
const every = Number.POSITIVE_INFINITY

const contents = async ({ db }: TestWorld) =>
  (await db.rows(sql`select distinct content_key from ml_jobs`)).length
const jobs = ({ db }: TestWorld) =>
  db.rows(sql`select status, parked, count(*)::int as jobs from ml_jobs group by 1, 2 order by 1, 2`)
const allDone = async (world: TestWorld) => [{ status: 'done', parked: false, jobs: await contents(world) }]

type Job = { readonly job_id: string; readonly status: string; readonly result?: object }
type Body = { readonly jobs: Job[] }
/** The answer about many, one of whose jobs has another result. */
const withResult = (job_id: string, result: unknown) => (body: unknown) => ({
  ...(body as Body),
  jobs: (body as Body).jobs.map((job) =>
    job.job_id === job_id ? { ...job, status: 'done', state: 'succeeded', result } : job,
  ),
})

/** Runs while faults are on for so long, then without them to the end. */
async function troubledFor(world: TestWorld, hours: number): Promise<void> {
  await world.db.rows(sql`update accounts set next_sync_at = app_now()`)
  const opened = await world.open()
  await opened.runUntil(new Date(world.clock.now().getTime() + hours * hourMs), 1)
  world.simulators.ml.clearFaults()
  await opened.followThrough()
  await opened.close()
}

const troubles = [
  { name: 'cannot be reached: connections are reset', fault: { drop: true } },
  {
    name: 'answers 502 by its ingress',
    fault: { status: { status: 502, body: '<html>Bad Gateway</html>' } },
  },
  { name: 'answers 200 with an error', fault: { status: { status: 200, body: { error: 'maintenance' } } } },
  { name: 'answers 404 to everything', fault: { status: { status: 404, body: '<html>not found</html>' } } },
  { name: 'answers 500', fault: { status: { status: 500, body: {} } } },
  { name: 'answers 504', fault: { status: { status: 504, body: '' } } },
  {
    name: 'answers 200 with a page of a proxy',
    fault: { status: { status: 200, body: '<html>back soon</html>' } },
  },
  { name: 'answers 408', fault: { status: { status: 408, body: {} } } },
]

test.for(someOf(troubles, 3))(
  'a provider that $name for three hours costs no job anything',
  async ({ fault }) => {
    const world = await openTestWorld({ observations })
    world.simulators.ml.plan({ path: '*', times: every, ...fault })
    await troubledFor(world, 3)
    expect(await jobs(world)).toEqual(await allDone(world))
    expect(world.simulators.ml.accepted()).toBe(await contents(world))
    expect(await verify(world.db)).toEqual([])
  },
)

test('a provider without idempotency that is away for three hours is paid twice for a handful at most, and that is counted', async () => {
  const world = await openTestWorld({
    observations,
    ml: { minimal: true },
    env: { ML_PROVIDERS: simulatedMl({ idempotent: false }) },
  })
  world.simulators.ml.plan({ path: '*', times: every, status: { status: 502, body: '' } })
  await troubledFor(world, 3)
  const [row] = await world.db.rows<{ twice: number; parked: number }>(sql`
    select count(*) filter (where maybe_paid_twice)::int as twice, count(*) filter (where parked)::int as parked from ml_jobs`)
  expect(row?.parked).toBe(0)
  expect(row?.twice).toBeLessThanOrEqual(8)
  expect(world.simulators.ml.accepted() - (await contents(world))).toBeLessThanOrEqual(row?.twice ?? 0)
  expect(await world.db.rows(sql`select from sync_tasks where status <> 'done'`)).toEqual([])
})

test('an ingress that answers 404 about jobs that are there costs nothing twice', async () => {
  const world = await openTestWorld({
    observations,
    ml: { minimal: true, durationMs: () => 2 * hourMs },
    env: { ML_PROVIDERS: simulatedMl({ idempotent: false }) },
  })
  await world.db.rows(sql`update accounts set next_sync_at = app_now()`)
  const opened = await world.open()
  await opened.runUntil(new Date(world.clock.now().getTime() + hourMs / 2))
  const sent = world.simulators.ml.accepted()
  expect(sent).toBe(await contents(world))
  world.simulators.ml.plan({ path: '*', times: every, status: { status: 404, body: '' } })
  await opened.runUntil(new Date(world.clock.now().getTime() + 5 * hourMs), 1)
  world.simulators.ml.clearFaults()
  await opened.followThrough()
  await opened.close()
  expect(world.simulators.ml.accepted()).toBe(sent)
  expect(await jobs(world)).toEqual(await allDone(world))
})

test('a job that the provider says once not to know is asked about again before anything is sent again', async () => {
  const world = await openTestWorld({
    observations,
    env: { ML_PROVIDERS: simulatedMl({ idempotent: false }) },
  })
  let isFirst = true
  world.simulators.ml.plan({
    path: '/jobs:batchGet',
    times: 1,
    edit: (body) => {
      const {
        jobs: [one, ...others],
      } = body as Body
      isFirst = false
      return { jobs: others, not_found: one ? [one.job_id] : [] }
    },
  })
  await world.syncAll()
  expect(isFirst).toBe(false)
  expect(world.simulators.ml.accepted()).toBe(await contents(world))
  expect(await jobs(world)).toEqual(await allDone(world))
})

test('a job that was really forgotten is sent again when that is certain, and counted as maybe paid twice', async () => {
  const world = await openTestWorld({
    observations,
    env: { ML_PROVIDERS: simulatedMl({ idempotent: false }) },
    ml: { durationMs: () => 2 * hourMs },
  })
  await world.db.rows(sql`update accounts set next_sync_at = app_now()`)
  const opened = await world.open()
  await opened.runUntil(new Date(world.clock.now().getTime() + hourMs / 2))
  const [job] = await world.db.rows<{ provider_job_id: string }>(
    sql`select provider_job_id from ml_jobs where status = 'submitted' order by id limit 1`,
  )
  world.simulators.ml.forget(job?.provider_job_id ?? '')
  await opened.followThrough()
  await opened.close()
  expect(await jobs(world)).toEqual(await allDone(world))
  const twice = await world.db.rows(sql`select resubmitted from ml_jobs where maybe_paid_twice`)
  expect(twice).toEqual([{ resubmitted: true }])
})

test('results that are too large together are asked for in smaller calls; one too large alone is parked alone', async () => {
  const world = await openTestWorld({ observations })
  const large = { items: [{ id: 'x', status: 'ok', text: 'x'.repeat(900_000) }] }
  const ids: string[] = []
  world.simulators.ml.plan({
    path: '/jobs:batchGet',
    times: every,
    edit: (body) => {
      const { jobs: all } = body as Body
      ids.push(...all.map(({ job_id }) => job_id))
      const worst = ids[0] ?? ''
      return {
        ...(body as object),
        jobs: all.map((job) =>
          job.status === 'done'
            ? { ...job, result: job.job_id === worst ? { text: 'x'.repeat(10_000_000) } : large }
            : job,
        ),
      }
    },
  })
  await world.syncAll()
  expect(await jobs(world)).toEqual([
    { status: 'done', parked: false, jobs: (await contents(world)) - 1 },
    { status: 'failed', parked: true, jobs: 1 },
  ])
  expect(await verify(world.db)).toEqual([])
}, 120_000)

test('a lone job whose answer is too large is parked, and not asked about until its deadline', async () => {
  const world = await openTestWorld({ observations: observations.slice(0, 2) })
  const result = { text: 'x'.repeat(10_000_000) }
  world.simulators.ml.plan({
    path: '/jobs:batchGet',
    times: every,
    edit: (body) => (body as Body).jobs.reduce((all, { job_id }) => withResult(job_id, result)(all), body),
  })
  await world.syncAll()
  expect(await jobs(world)).toEqual([{ status: 'failed', parked: true, jobs: await contents(world) }])
})

test('a job about which every call fails holds up no other', async () => {
  const world = await openTestWorld({ observations })
  let worst = ''
  world.simulators.ml.plan({
    path: '/jobs:batchGet',
    times: every,
    when: ({ body }) => {
      const { ids } = JSON.parse(body) as { ids: string[] }
      worst ||= ids[0] ?? ''
      return ids.includes(worst)
    },
    status: { status: 500, body: {} },
  })
  await world.db.rows(sql`update accounts set next_sync_at = app_now()`)
  const opened = await world.open()
  await opened.runUntil(new Date(world.clock.now().getTime() + 6 * hourMs), 1)
  await opened.close()
  expect(await jobs(world)).toEqual([
    { status: 'done', parked: false, jobs: (await contents(world)) - 1 },
    { status: 'submitted', parked: false, jobs: 1 },
  ])
})

test('a minimal provider behind a proxy that answers for it costs no job anything', async () => {
  const world = await openTestWorld({ observations, ml: { minimal: true } })
  await world.db.rows(sql`update accounts set next_sync_at = app_now()`)
  world.simulators.ml.plan({
    path: '*',
    times: every,
    when: ({ method }) => method === 'GET',
    status: { status: 200, body: '<html>back soon</html>' },
  })
  await troubledFor(world, 3)
  expect(await jobs(world)).toEqual(await allDone(world))
})

test('a result nested beyond reason is parked alone, and the others of its call go on', async () => {
  const world = await openTestWorld({ observations })
  let worst: string | undefined
  world.simulators.ml.plan({
    path: '/jobs:batchGet',
    times: every,
    edit: (body) => {
      worst ??= (body as Body).jobs[0]?.job_id
      const text = JSON.stringify(withResult(worst ?? '', 'DEEP')(body))
      return text.replace('"DEEP"', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`)
    },
  })
  await world.syncAll()
  expect(await jobs(world)).toEqual([
    { status: 'done', parked: false, jobs: (await contents(world)) - 1 },
    { status: 'failed', parked: true, jobs: 1 },
  ])
})

test('a provider that takes fewer ids in a call is asked about as many as it takes', async () => {
  const world = await openTestWorld({ observations })
  world.simulators.ml.plan({
    path: '/jobs:batchGet',
    times: every,
    when: ({ body }) => (JSON.parse(body) as { ids: string[] }).ids.length > 3,
    status: { status: 400, body: { error: { code: 'too_many_ids' } } },
  })
  await world.syncAll()
  expect(await jobs(world)).toEqual(await allDone(world))
})

test('a provider that gives every job the same id is noticed: the job waits for a person and nothing more is sent', async () => {
  const world = await openTestWorld({ observations })
  world.simulators.ml.plan({
    path: '/jobs',
    times: every,
    edit: (body) => ({ ...(body as object), job_id: 'j_same' }),
  })
  await world.db.rows(sql`update accounts set next_sync_at = app_now()`)
  const opened = await world.open()
  await opened.runUntil(new Date(world.clock.now().getTime() + hourMs / 2))
  await opened.close()
  const reused = await world.db.rows(sql`
    select error ->> 'code' as code, count(*)::int < 9 as is_few from ml_jobs where parked group by 1`)
  expect(reused).toEqual([{ code: 'job_id_reused', is_few: true }])
  expect(await world.db.rows(sql`select from ml_jobs where provider_job_id = 'j_same'`)).toHaveLength(1)
  expect(await verify(world.db)).toEqual([])
})

test('a result that comes after the deadline is fetched, and not paid for again', async () => {
  const world = await openTestWorld({
    observations: observations.slice(0, 3),
    ml: { durationMs: () => 20 * hourMs },
    env: { ML_PROVIDERS: simulatedMl({ deadline_hours: 12 }) },
  })
  const standing = await world.syncAll()
  expect(standing.tasks).toEqual({ done: 1 })
  expect(world.simulators.ml.accepted()).toBe(await contents(world))
  expect(await world.db.rows(sql`select distinct status, attempt_no from ml_jobs order by 2`)).toEqual([
    { status: 'done', attempt_no: 1 },
    { status: 'done', attempt_no: 2 },
  ])
  expect(await world.db.rows(sql`select reason from sync_tasks`)).toEqual([{ reason: null }])
  expect(await verify(world.db)).toEqual([])
})
