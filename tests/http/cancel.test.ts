import { setTimeout as after } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createJob, joinOrCreateTask } from '#shared/db/operations/sync-jobs.ts'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { openApi } from '../setup/api.ts'
import { untilBlocked } from '../setup/blocked.ts'
import { fewAccounts } from '../setup/world.ts'

/** An API whose platform gives no list, so that tasks stay open. */
async function openStalled(accounts: number) {
  const api = await openApi({ observations: fewAccounts(accounts) })
  api.world.simulators.youtube.plan({
    path: '/youtube/v3/playlistItems',
    times: 100,
    status: { status: 503, body: '' },
  })
  const handles = api.world.world.accounts('youtube')
  const { call } = api
  return {
    ...api,
    start: async (index: number, mode = 'incremental') =>
      (await call('POST', '/v1/syncs', { platform: 'youtube', handle: handles[index], mode })).body.id,
    cancel: async (id: string) => (await call('POST', `/v1/syncs/${id}/cancel`)).body,
    stateOf: async (id: string) =>
      ((await call('GET', `/v1/syncs/${id}`)).body as unknown as { state: string }).state,
  }
}

test('a task that two asked for goes on until both have cancelled', async () => {
  const { world, start, cancel, stateOf } = await openStalled(1)
  const [one, two] = [await start(0), await start(0)]
  expect(await cancel(one)).toEqual({ cancelled: 0, shared: 1 })
  expect([await stateOf(one), await stateOf(two)]).toEqual(['cancelled', expect.stringMatching(/ing$/)])
  expect(await cancel(one)).toEqual({ cancelled: 0, shared: 0 })
  expect(await cancel(two)).toEqual({ cancelled: 1, shared: 0 })
  expect([await stateOf(one), await stateOf(two)]).toEqual(['cancelled', 'cancelled'])
  expect(await world.db.rows(sql`select status from sync_tasks`)).toEqual([{ status: 'cancelled' }])
  expect(await verify(world.db)).toEqual([])
})

test('a further walk is made only if a request still needs it, and in the mode that is still needed', async () => {
  const { world, opened, start, cancel, stateOf } = await openStalled(1)
  const walking = await start(0)
  await opened.cloud.triggers.tick('extract-youtube')
  const [full, other] = [await start(0, 'full'), await start(0, 'full')]
  const again = sql`select again, again_mode from sync_tasks`
  expect(await world.db.rows(again)).toEqual([{ again: true, again_mode: 'full' }])
  expect(await cancel(full)).toEqual({ cancelled: 0, shared: 1 })
  expect(await world.db.rows(again)).toEqual([{ again: true, again_mode: 'full' }])
  expect(await cancel(other)).toEqual({ cancelled: 0, shared: 1 })
  expect(await world.db.rows(again)).toEqual([{ again: false, again_mode: null }])
  expect([await stateOf(full), await stateOf(other)]).toEqual(['cancelled', 'cancelled'])
  expect(await cancel(walking)).toEqual({ cancelled: 1, shared: 0 })
  expect(await world.db.rows(sql`select mode, status from sync_tasks`)).toEqual([
    { mode: 'incremental', status: 'cancelled' },
  ])
  expect(await verify(world.db)).toEqual([])
})

test('a request that waits for a further walk gets it when the one under way is cancelled', async () => {
  const { world, opened, start, cancel, stateOf } = await openStalled(1)
  const walking = await start(0)
  await opened.cloud.triggers.tick('extract-youtube')
  const full = await start(0, 'full')
  expect(await cancel(walking)).toEqual({ cancelled: 1, shared: 0 })
  expect(await stateOf(walking)).toBe('cancelled')
  expect(await world.db.rows(sql`select mode, status from sync_tasks order by id`)).toEqual([
    { mode: 'incremental', status: 'cancelled' },
    { mode: 'full', status: 'queued' },
  ])
  expect(await stateOf(full)).toBe('running')
})

test('a request that joins while another cancels keeps the sync', async () => {
  const { world, start, cancel } = await openStalled(1)
  const { db } = world
  const cancelling = await start(0)
  const [account] = await db.rows<{ id: string }>(sql`select account_id as id from sync_tasks`)
  const { asked, joined } = await db.transaction(async (tx) => {
    await tx.rows(sql`select from accounts for no key update`)
    const waits = cancel(cancelling)
    await untilBlocked(db)
    const jobId = await createJob(tx, {
      ...{ origin: 'http', mode: 'incremental', idempotencyKey: null, requestHash: null },
    })
    const task = { accountId: account?.id ?? '', mode: 'incremental', lane: 'ad-hoc' } as const
    await joinOrCreateTask(tx, { ...task, jobId: jobId ?? '', traceparent: null })
    return { asked: { waits }, joined: jobId }
  })
  expect(await asked.waits).toEqual({ cancelled: 0, shared: 1 })
  expect(
    await db.rows(sql`
      select t.status <> 'cancelled' as goes_on from sync_job_tasks jt join sync_tasks t on t.id = jt.sync_task_id
      where jt.sync_job_id = ${joined}`),
  ).toEqual([{ goes_on: true }])
})

test('what is done of a cancelled sync stays, and a retry asks for the rest alone', async () => {
  const { world, opened, call } = await openApi({ observations: fewAccounts(2), env: { ML_URL: undefined } })
  const refused = { path: '/youtube/v3/playlistItems', times: 1, status: { status: 503, body: '' } }
  world.simulators.youtube.plan(refused)
  const accounts = world.world.accounts('youtube').map((handle) => ({ platform: 'youtube', handle }))
  const { body: both } = await call('POST', '/v1/syncs', { accounts })
  const halfDone = sql`select from sync_tasks having bool_or(status = 'done') and bool_or(status = 'waiting')`
  while ((await world.db.rows(halfDone)).length === 0) await after(20)
  expect((await call('POST', `/v1/syncs/${both.id}/cancel`)).body).toEqual({ cancelled: 1, shared: 0 })
  expect((await call('GET', `/v1/syncs/${both.id}`)).body).toMatchObject({
    state: 'cancelled',
    tasks: expect.arrayContaining(['done', 'cancelled'].map((status) => expect.objectContaining({ status }))),
  })
  const { body: retried } = await call('POST', `/v1/syncs/${both.id}/retry`)
  await opened.followThrough()
  const { body } = await call('GET', `/v1/syncs/${retried.id}`)
  expect(body).toMatchObject({ state: 'done', tasks: [{ status: 'done' }] })
})
