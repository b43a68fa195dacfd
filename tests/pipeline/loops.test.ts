import { expect, test } from 'vitest'
import { finishTasks } from '#shared/db/operations/finish-tasks.ts'
import {
  createDueTasks,
  createJob,
  endAskedRefreshes,
  joinOrCreateTask,
} from '#shared/db/operations/sync-jobs.ts'
import { sql } from '#shared/db/sql.ts'
import { waitTasks } from '#shared/db/tables/sync-tasks.ts'
import { verify } from '#shared/db/views/verify.ts'
import { fewAccounts, openTestWorld, type TestWorld } from '../setup/world.ts'

const hoursOn = (world: TestWorld, hours: number) => new Date(world.clock.now().getTime() + hours * 3_600_000)

test('a sync asked for while numbers are refreshed is not lost in it', async () => {
  const world = await openTestWorld({ observations: fewAccounts(1) })
  await world.syncAll()
  await world.db.rows(sql`
    insert into sync_tasks (account_id, platform, lane, mode) select id, platform, 'backfill', 'refresh' from accounts`)
  await world.db.rows(sql`update accounts set next_sync_at = app_now()`)
  await world.within(({ runUntil }) => runUntil(hoursOn(world, 0.5)))
  const modes = await world.db.rows(sql`select mode, status from sync_tasks order by id`)
  expect(modes).toMatchObject([
    { mode: 'full' },
    { mode: 'refresh', status: 'done' },
    { mode: 'incremental' },
  ])
})

/** Asks for a sync as the HTTP function does; the request and the task it hangs on then. */
async function askFor(world: TestWorld) {
  const asked = await world.db.transaction(async (tx) => {
    const jobId = await createJob(tx, {
      origin: 'http',
      mode: 'incremental',
      idempotencyKey: null,
      requestHash: null,
    })
    if (!jobId) throw new Error('no request')
    const joined = await joinOrCreateTask(tx, {
      accountId: '1',
      mode: 'incremental',
      lane: 'ad-hoc',
      jobId,
      traceparent: null,
    })
    return { jobId, ...joined }
  })
  if (asked.again) await finishTasks(world.db, [asked.taskId])
  return asked
}
const taskOf = async (world: TestWorld, jobId: string) =>
  (
    await world.db.rows<{ mode: string; status: string; again: boolean }>(sql`
    select t.mode, t.status, jt.again from sync_job_tasks jt join sync_tasks t on t.id = jt.sync_task_id
    where jt.sync_job_id = ${jobId}`)
  )[0]
const withRefresh = async (status: string) => {
  const world = await openTestWorld({ observations: fewAccounts(1) })
  await world.syncAll()
  await world.db.rows(sql`
    insert into sync_tasks (account_id, platform, lane, mode, status, run_at, lease_until, lease_token)
    select id, platform, 'backfill', 'refresh', ${status}, app_now() + interval '10 hours',
      case when ${status} = 'extracting' then app_now() + interval '90 seconds' end, 1 from accounts`)
  return world
}

test('a sync asked for while a refresh waits for its quota begins at once', async () => {
  const world = await withRefresh('waiting')
  const { jobId } = await askFor(world)
  expect(await taskOf(world, jobId)).toEqual({ mode: 'incremental', status: 'queued', again: false })
  expect(await verify(world.db)).toEqual([])
})

test('a sync asked for while a refresh is asking gets its task when that has to wait', async () => {
  const world = await withRefresh('extracting')
  const { jobId } = await askFor(world)
  expect(await taskOf(world, jobId)).toMatchObject({ mode: 'refresh', again: true })
  const [refresh] = await world.db.rows<{ id: string; lease_token: string }>(sql`
    select id, lease_token from sync_tasks where mode = 'refresh'`)
  if (!refresh) throw new Error('no refresh')
  await waitTasks(world.db, [refresh], { reason: 'quota', error: null, afterMs: 36_000_000, counts: false })
  await finishTasks(world.db, await endAskedRefreshes(world.db, [refresh.id]))
  expect(await taskOf(world, jobId)).toEqual({ mode: 'incremental', status: 'queued', again: false })
  expect(await verify(world.db)).toEqual([])
})

test('a scheduled sync does not lose a request that had joined a refresh', async () => {
  const world = await withRefresh('extracting')
  const { jobId } = await askFor(world)
  await world.db.rows(sql`
    update sync_tasks set status = 'queued', lease_until = null, lease_token = lease_token + 1 where mode = 'refresh'`)
  await world.db.rows(sql`update accounts set next_sync_at = app_now()`)
  await createDueTasks(world.db, 'youtube', { limit: 10, fullWalkDays: 30 })
  expect(await taskOf(world, jobId)).toEqual({ mode: 'incremental', status: 'queued', again: false })
  expect(await verify(world.db)).toEqual([])
})

test('a full walk that failed has not had its turn', async () => {
  const world = await openTestWorld({ observations: fewAccounts(1) })
  const refusal = { error: { code: 400, message: 'no', errors: [{ reason: 'invalidFilters' }] } }
  world.simulators.youtube.plan({
    path: '/youtube/v3/playlistItems',
    times: 1,
    status: { status: 400, body: refusal },
  })
  expect(await world.syncAll()).toMatchObject({ tasks: { failed: 1 } })
  expect(await world.db.rows(sql`select full_walk_at from accounts`)).toEqual([{ full_walk_at: null }])
  await world.syncAll()
  const [account] = await world.db.rows<{ walked: boolean }>(
    sql`select full_walk_at is not null as walked from accounts`,
  )
  expect(account?.walked).toBe(true)
})

test('every account is walked whole again within thirty days, spread over three', async () => {
  const world = await openTestWorld({ observations: fewAccounts(3) })
  await world.syncAll()
  await world.db.rows(
    sql`update accounts set full_walk_at = app_now() - interval '30 days' + id * interval '2 hours'`,
  )
  await world.db.rows(sql`update accounts set next_sync_at = app_now()`)
  await world.within(({ runUntil }) => runUntil(hoursOn(world, 1)))
  const modes = await world.db.rows(sql`select mode from sync_tasks order by id`)
  expect(modes.map((row) => (row as { mode: string }).mode)).toEqual([
    'full',
    'full',
    'full',
    'incremental',
    'incremental',
    'incremental',
  ])
  await world.db.rows(
    sql`update accounts set full_walk_at = app_now() - interval '31 days', next_sync_at = app_now()`,
  )
  await world.within(({ runUntil }) => runUntil(hoursOn(world, 1)))
  const [last] = await world.db.rows(sql`select mode, walk_outcome from sync_tasks order by id desc limit 1`)
  expect(last).toEqual({ mode: 'full', walk_outcome: 'whole' })
})
