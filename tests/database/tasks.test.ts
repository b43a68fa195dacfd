import { expect, test } from 'vitest'
import { takeInHand } from '#functions/extract/hand.ts'
import { keep } from '#functions/extract/keep.ts'
import { leaseExtender, leaseKeeper } from '#functions/extract/lease.ts'
import { inPostgres } from '#shared/db/body-store.ts'
import { claimDueTasks, type Urgency } from '#shared/db/operations/claim-tasks.ts'
import { finishTasks } from '#shared/db/operations/finish-tasks.ts'
import { createDueTasks, createJob, joinOrCreateTask } from '#shared/db/operations/sync-jobs.ts'
import type { Db } from '#shared/db/pool.ts'
import { raw, sql } from '#shared/db/sql.ts'
import { followAccounts, markMissing } from '#shared/db/tables/accounts.ts'
import { advanceTasks, releaseTasks } from '#shared/db/tables/sync-tasks.ts'
import { firstCursor, type Lane, type SyncMode } from '#shared/model/sync.ts'
import { openTestDatabase } from '../setup/database.ts'

async function withAccounts(count: number) {
  const opened = await openTestDatabase()
  const accounts = Array.from({ length: count }, (_, index) => ({
    platform: 'youtube' as const,
    handle: null,
    native_id: `UC${index}`,
    access_mode: 'public_key' as const,
  }))
  await followAccounts(opened.db, accounts)
  return opened
}

const ask = (db: Db, accountId: string, mode: SyncMode = 'incremental', lane: Lane = 'ad-hoc') =>
  db.transaction(async (tx) => {
    const jobId = await createJob(tx, { origin: 'http', mode, idempotencyKey: null, requestHash: null })
    return joinOrCreateTask(tx, { accountId, mode, lane, jobId: jobId ?? '', traceparent: null })
  })

test('ticks at once make one task per due account', async () => {
  const { db } = await withAccounts(30)
  const made = await Promise.all(
    [1, 2, 3].map(() => createDueTasks(db, 'youtube', { limit: 100, fullWalkDays: 30 })),
  )
  expect(new Set(made.flat()).size).toBe(30)
  expect(await createDueTasks(db, 'youtube', { limit: 100, fullWalkDays: 30 })).toEqual([])
})

test('two claims at once never take the same task', async () => {
  const { db } = await withAccounts(80)
  await createDueTasks(db, 'youtube', { limit: 100, fullWalkDays: 30 })
  const claims = await Promise.all([1, 2].map(() => claimDueTasks(db, 'youtube', 'others', 40, 90)))
  const ids = claims.flat().map((task) => task.id)
  expect(new Set(ids).size).toBe(80)
})

test('a writer whose lease went to another is refused', async () => {
  const { db, clock } = await withAccounts(1)
  await createDueTasks(db, 'youtube', { limit: 10, fullWalkDays: 30 })
  const [slow] = await claimDueTasks(db, 'youtube', 'others', 50, 90)
  await clock.jumpTo(new Date(clock.now().getTime() + 91_000))
  const [quick] = await claimDueTasks(db, 'youtube', 'others', 50, 90)
  if (!slow || !quick) throw new Error('not claimed')
  const advance = (task: typeof slow) => ({
    id: task.id,
    lease_token: task.lease_token,
    cursor: firstCursor,
    outcome: null,
    traceparent: null,
  })
  expect(await advanceTasks(db, [advance(slow)], 90)).toEqual(new Set())
  expect(await advanceTasks(db, [advance(quick)], 90)).toEqual(new Set([quick.id]))
})

test('tasks in hand keep their leases while another is waited for, and one taken over is lost', async () => {
  const { db, clock } = await withAccounts(2)
  await createDueTasks(db, 'youtube', { limit: 10, fullWalkDays: 30 })
  const leaseS = 30
  const hands = (await claimDueTasks(db, 'youtube', 'others', 50, leaseS)).map((task) =>
    takeInHand({ ...task, token: null }),
  )
  const [kept, lost] = hands
  if (!kept || !lost) throw new Error('not claimed')
  await clock.jumpTo(new Date(clock.now().getTime() + 20_000))
  await db.rows(sql`update sync_tasks set lease_token = lease_token + 1 where id = ${lost.task.id}`)
  // A lease of no length is renewed at every call.
  const keepLeases = leaseKeeper({ db, leaseS: 0, keepOthers: async () => undefined }, hands)
  await new Promise((resolve) => setTimeout(resolve, 2))
  await keepLeases()
  expect([kept.state, lost.state]).toEqual(['in hand', 'lost'])
  const [task] = await db.rows<{ moved: boolean }>(sql`
    select lease_until between app_now() - interval '5 seconds' and app_now() as moved from sync_tasks
    where id = ${kept.task.id}`)
  expect(task?.moved).toBe(true)
})

test('tasks that wait for a batch keep their leases while it is read', async () => {
  const { db, clock } = await withAccounts(2)
  await createDueTasks(db, 'youtube', { limit: 10, fullWalkDays: 30 })
  const claimed = await claimDueTasks(db, 'youtube', 'others', 50, 30)
  await clock.jumpTo(new Date(clock.now().getTime() + 20_000))
  const [waiting] = claimed.slice(1)
  const keepOthers = leaseExtender({ db, leaseS: 0 }, () => claimed.slice(1))
  const keepLeases = leaseKeeper({ db, leaseS: 90, keepOthers: async () => void (await keepOthers()) }, [])
  await new Promise((resolve) => setTimeout(resolve, 2))
  await keepLeases()
  const moved = await db.rows<{ id: string }>(sql`
    select id from sync_tasks where lease_until between app_now() - interval '5 seconds' and app_now()`)
  expect(moved).toEqual([{ id: waiting?.id }])
})

test('backfill takes at most half of a claim while others wait', async () => {
  const { db } = await withAccounts(100)
  for (let id = 1; id <= 60; id += 1) await ask(db, String(id), 'full', 'backfill')
  for (let id = 61; id <= 70; id += 1) await ask(db, String(id), 'full', 'ad-hoc')
  await db.rows(sql`update sync_tasks set lane = 'schedule' where account_id between 31 and 60`)
  const lanes = async (urgency: Urgency) => {
    const tasks = await claimDueTasks(db, 'youtube', urgency, 20, 90)
    return Object.fromEntries(
      [...Map.groupBy(tasks, ({ lane }) => lane)].map(([lane, group]) => [lane, group.length]),
    )
  }
  expect(await lanes('others')).toEqual({ backfill: 10, schedule: 10 })
  expect(await lanes('urgent')).toEqual({ 'ad-hoc': 10 })
  expect(await lanes('urgent')).toEqual({})
})

test('an account that is not found is looked at again after a day, a week, and then every thirty days', async () => {
  const { db, clock } = await withAccounts(1)
  const days: number[] = []
  for (let look = 0; look < 4; look += 1) {
    const observed_at = clock.now()
    await db.rows(sql`update accounts set next_sync_at = app_now()`)
    await db.transaction((tx) => markMissing(tx, [{ id: '1', observed_at }]))
    const [account] = await db.rows<{ days: number }>(sql`
      select round(extract(epoch from next_sync_at - app_now()) / 86400)::int as days from accounts where id = 1`)
    days.push(account?.days ?? 0)
    await clock.jumpTo(new Date(clock.now().getTime() + 86_400_000))
  }
  expect(days).toEqual([1, 7, 30, 30])
})

test('time running out does not count as an attempt', async () => {
  const { db } = await withAccounts(1)
  await createDueTasks(db, 'youtube', { limit: 10, fullWalkDays: 30 })
  await releaseTasks(db, await claimDueTasks(db, 'youtube', 'others', 50, 90))
  const [again] = await claimDueTasks(db, 'youtube', 'others', 50, 90)
  expect(again).toMatchObject({ attempts: 1, lease_token: '3' })
})

test('a sync asked for joins the one under way and raises its lane; a fuller one follows after it', async () => {
  const { db } = await withAccounts(1)
  const first = await ask(db, '1', 'incremental', 'backfill')
  expect(await ask(db, '1', 'full', 'ad-hoc')).toEqual({ taskId: first.taskId, again: false })
  expect(await db.rows(sql`select lane, mode from sync_tasks`)).toEqual([{ lane: 'ad-hoc', mode: 'full' }])
  await db.rows(
    raw(`update sync_tasks set status = 'transforming', walk_outcome = 'whole', walk_ended_at = app_now()`),
  )
  expect(await ask(db, '1')).toEqual({ taskId: first.taskId, again: true })
  const { finished, created } = await finishTasks(db, [first.taskId])
  expect({ finished, created }).toEqual({ finished: [first.taskId], created: ['2'] })
  const links = await db.rows(sql`select sync_task_id, again from sync_job_tasks order by sync_job_id`)
  expect(links).toEqual([
    { sync_task_id: '1', again: false },
    { sync_task_id: '1', again: false },
    { sync_task_id: '2', again: false },
  ])
})

test('a sync asked for moves the next scheduled one on, so that nothing is asked twice', async () => {
  const { db } = await withAccounts(2)
  await ask(db, '1')
  expect(await createDueTasks(db, 'youtube', { limit: 10, fullWalkDays: 30 })).toHaveLength(1)
  expect(await db.rows(sql`select account_id from sync_tasks order by id`)).toEqual([
    { account_id: '1' },
    { account_id: '2' },
  ])
  await db.rows(sql`update sync_tasks set status = 'cancelled', finished_at = app_now()`)
  expect(await createDueTasks(db, 'youtube', { limit: 10, fullWalkDays: 30 })).toEqual([])
})

test('a walk that failed for good fails its task only when none of its pages is left', async () => {
  const { db } = await withAccounts(1)
  const { taskId } = await ask(db, '1')
  await db.rows(
    raw(`update sync_tasks set status = 'transforming', walk_outcome = 'failed', walk_ended_at = app_now();
    insert into raw_pages (sync_task_id, account_id, platform, endpoint, walk, page_no, lane, fetched_at, body_bytes, body_sha256)
    values (1, 1, 'youtube', 'videos', 1, 1, 'ad-hoc', app_now(), 2, '')`),
  )
  expect((await finishTasks(db, [taskId])).finished).toEqual([])
  await db.rows(raw(`update raw_pages set status = 'parked', settled_at = app_now()`))
  expect((await finishTasks(db, [taskId])).finished).toEqual([taskId])
  expect(await db.rows(sql`select status from sync_tasks`)).toEqual([{ status: 'failed' }])
})

test('an answer is never dated before it came, however slow the database keeps it', async () => {
  const { db } = await withAccounts(1)
  await createDueTasks(db, 'youtube', { limit: 10, fullWalkDays: 30 })
  const [task] = await claimDueTasks(db, 'youtube', 'others', 50, 90)
  if (!task) throw new Error('not claimed')
  const slow: Db = {
    ...db,
    transaction: (work) =>
      db.transaction((tx) =>
        work({
          ...tx,
          rows: async (statement) => {
            await new Promise((resolve) => setTimeout(resolve, 100))
            return tx.rows(statement)
          },
        }),
      ),
  }
  const [asked] = await db.rows<{ at: Date }>(sql`select date_trunc('milliseconds', app_now()) as at`)
  const hand = takeInHand({ ...task, token: null })
  const page = { endpoint: 'channels', page_no: 1, body: '{}', asked: null, answeredAt: performance.now() }
  await keep({ db: slow, platform: 'youtube', leaseS: 90, bodies: inPostgres, kept: { pages: 0 } }, [
    { hand, cursor: { ...firstCursor, profile: true }, ...page },
  ])
  const [kept] = await db.rows<{ fetched_at: Date }>(sql`select fetched_at from raw_pages`)
  expect(kept?.fetched_at.getTime()).toBeGreaterThanOrEqual(asked?.at.getTime() ?? Number.POSITIVE_INFINITY)
})
