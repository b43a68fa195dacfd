import { expect, test } from 'vitest'
import { runExtract } from '#functions/extract/run.ts'
import { inPostgres } from '#shared/db/body-store.ts'
import { createDueTasks } from '#shared/db/operations/sync-jobs.ts'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { httpProvider } from '#shared/ml/http-provider.ts'
import { youtube } from '#shared/platforms/youtube/connector.ts'
import { openLogger } from '#shared/telemetry/logger.ts'
import { simulatorEnv } from '../../local/cloud.ts'
import { type DriverDeps, followTask } from '../example-driver/driver.ts'
import { asking, planning, sendingTo } from '../setup/ml.ts'
import { unstopped } from '../setup/signal.ts'
import { largestAccount, openTestWorld } from '../setup/world.ts'

/** A sync of one account that is due, and all that a driver of it needs. */
async function openSync() {
  const world = await openTestWorld({ observations: largestAccount() })
  const { db, clock, simulators } = world
  await db.rows(sql`update accounts set next_sync_at = app_now()`)
  await createDueTasks(db, 'youtube', { limit: 10, fullWalkDays: 30 })
  const [task] = await db.rows<{ id: string }>(sql`select id from sync_tasks`)
  const fetch: typeof globalThis.fetch = (...call) => globalThis.fetch(...call)
  const log = openLogger({ level: 'error' })
  const random = () => 0
  const { YOUTUBE_API_KEY: apiKey, YOUTUBE_API_URL: baseUrl, ML_URL } = simulatorEnv(simulators)
  const limits = { unitsPerDay: 10_000, statsCallsPerDay: 10_000, callsPerMinute: 3_000 }
  const connector = youtube({ fetch: (url, init) => fetch(url, init), apiKey, baseUrl, ...limits })
  const provider = httpProvider({ fetch: (url, init) => fetch(url, init), baseUrl: ML_URL, idempotent: true })
  const deps: DriverDeps = {
    extract: {
      ...{ db, log, random, platform: 'youtube', bodies: inPostgres, appRemedy: 'look at the key' },
      readers: { public_key: { token: null, connector } },
      openSealed: () => Promise.reject(new Error('a key needs no token')),
      ...{ leaseS: 90, taskAttempts: 8, lookBackMs: 7 * 86_400_000, fullWalkDays: 30, refreshDays: 180 },
    },
    transform: { db, log, planning, pageAttempts: 5 },
    submit: { db, random, ...sendingTo(provider, { perMinute: 600 }) },
    poll: { db, log, random, ...asking(provider), askMs: 60_000 },
    now: () => clock.now(),
    sleep: (ms) => clock.jumpTo(new Date(clock.now().getTime() + ms)),
  }
  const standing = () =>
    db.rows(sql`
      select t.status, t.reason, t.walk_outcome, (select count(*)::int from posts) as posts,
        (select count(*)::int from ml_jobs where status <> 'done') as unfinished from sync_tasks t`)
  return { world, deps, taskId: task?.id ?? '', standing }
}

test('a script outside the functions runs one sync by calling runs alone', { timeout: 120_000 }, async () => {
  const { world, deps, taskId, standing } = await openSync()
  expect(await followTask(deps, taskId, unstopped)).toEqual(['profile: given back', 'posts: walked'])
  const posts = world.world.postsOf('youtube', world.world.accounts('youtube')[0] ?? '').length
  expect(posts).toBeGreaterThan(50)
  expect(await standing()).toEqual([
    { status: 'done', reason: null, walk_outcome: 'whole', posts, unfinished: 0 },
  ])
  expect(await verify(world.db)).toEqual([])
  // It has ended: there is nothing of it to claim.
  expect(await followTask(deps, taskId, AbortSignal.abort())).toEqual([])
})

test.for([
  ['never seen', true],
  ['known', false],
] as const)(
  'an account, %s, that the platform does not find fails its sync in one step',
  async ([, isNew]) => {
    const { world, deps, taskId, standing } = await openSync()
    world.simulators.youtube.plan({
      path: '/youtube/v3/channels',
      times: Number.POSITIVE_INFINITY,
      edit: (body) => ({ ...(body as object), items: [] }),
    })
    if (isNew) await world.db.rows(sql`update accounts set handle = native_id, native_id = null`)
    expect(await followTask(deps, taskId, unstopped)).toEqual(['profile: walked'])
    expect(await standing()).toMatchObject([{ status: 'failed', posts: 0 }])
    expect(await verify(world.db)).toEqual([])
  },
)

test('a driver whose callback fails ends the run, and that is no verdict on the account', async () => {
  const { world, deps, taskId } = await openSync()
  const order = { of: 'tasks', ids: [taskId] } as const
  const cancelled = async () => Promise.reject(new Error('the driver was cancelled'))
  await expect(runExtract(deps.extract, order, unstopped, cancelled)).rejects.toThrow('was cancelled')
  const tasks = await world.db.rows(sql`select status, last_error from sync_tasks`)
  expect(tasks).toEqual([{ status: 'extracting', last_error: null }])
  expect(await verify(world.db)).toEqual([])
})

test('a task that is gone with its account is lost', async () => {
  const { world, deps, taskId } = await openSync()
  await world.db.rows(sql`delete from accounts`)
  const { tasks } = await runExtract(deps.extract, { of: 'tasks', ids: [taskId] }, unstopped)
  expect(tasks).toEqual([{ id: taskId, state: 'lost' }])
})

test('a script that is stopped at a page goes on from there when it is called again', {
  timeout: 120_000,
}, async () => {
  const { world, deps, taskId, standing } = await openSync()
  const stop = new AbortController()
  const calls = () => [...world.simulators.youtube.calls.values()].reduce((sum, count) => sum + count, 0)
  const stopping: DriverDeps = {
    ...deps,
    extract: {
      ...deps.extract,
      db: {
        ...deps.extract.db,
        transaction: async (work) => {
          const done = await deps.extract.db.transaction(work)
          if (calls() >= 2) stop.abort()
          return done
        },
      },
    },
  }
  expect(await followTask(stopping, taskId, stop.signal)).toEqual([
    'profile: given back',
    'posts: given back',
  ])
  const asked = calls()
  const { simulators } = world
  expect(await followTask(deps, taskId, unstopped)).toEqual(['profile: given back', 'posts: walked'])
  // The profile is not asked for again.
  expect(simulators.youtube.calls.get('/youtube/v3/channels')).toBe(1)
  expect(calls()).toBeGreaterThan(asked)
  expect(await standing()).toMatchObject([{ status: 'done', walk_outcome: 'whole', unfinished: 0 }])
  expect(await verify(world.db)).toEqual([])
})

test('a task that another claim holds, or that waits, is said to be not due', async () => {
  const { world, deps, taskId } = await openSync()
  await world.db.rows(sql`update sync_tasks set status = 'waiting', run_at = app_now() + interval '1 hour'`)
  const { tasks, pages } = await runExtract(deps.extract, { of: 'tasks', ids: [taskId] }, unstopped)
  expect(tasks).toEqual([{ id: taskId, state: 'not due', status: 'waiting', dueAt: expect.any(Date) }])
  expect(pages).toBe(0)
})
