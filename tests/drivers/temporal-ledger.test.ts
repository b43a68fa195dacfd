import { describe, expect, inject, test } from 'vitest'
import { startNow } from '#drivers/temporal/client.ts'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { makeAllDue } from '../../local/cloud.ts'
import { eventually } from '../setup/eventually.ts'
import { canDrive, openOrchestrator } from '../setup/orchestrator.ts'
import { clientOf, firstTask } from '../setup/temporal.ts'
import { fewPosts, openTestWorld, type TestWorldOptions } from '../setup/world.ts'

const dayMs = 86_400_000

async function open(options: TestWorldOptions = {}) {
  const server = await openOrchestrator('temporal')
  const world = await openTestWorld({ observations: fewPosts(1, 1), driver: server.driver, ...options })
  const states = () => world.db.rows<{ status: string }>(sql`select status from sync_tasks order by id`)
  const isAll = (status: string) => async () => {
    const all = await states()
    return all.length > 0 && all.every((task) => task.status === status)
  }
  const client = await clientOf(server)
  const place = { namespace: 'default', taskQueue: 'social-sync' }
  const repair = async () => (await startNow(client, place, 'repairAll')).result()
  return { world, server, client, states, isAll, repair }
}

describe.skipIf(!canDrive('temporal'))('Temporal and the ledger', { timeout: 60_000 }, () => {
  test('a workflow shows where its sync stands, and days of ML jobs leave it a short history', async () => {
    const { world, client, isAll } = await open({
      ml: { durationMs: () => (inject('isFull') ? 6.5 : 0.5) * dayMs },
    })
    const opened = await world.open()
    await makeAllDue(world.db, ['youtube'])
    await opened.cloud.triggers.tick('extract-youtube')
    await eventually(isAll('enriching'))
    const handle = firstTask(client)
    await eventually(async () => (await handle.query<{ stage: string }>('progress')).stage === 'enrich')
    expect(await handle.query('progress')).toMatchObject({ status: 'enriching', pages: 0 })
    await eventually(async () => {
      const query = `SocialPlatform = 'youtube' AND SocialState = 'enriching' AND SocialAccount IS NOT NULL`
      return (await client.workflow.count(query)).count === 1
    })
    await opened.followThrough()
    expect(await handle.result()).toMatchObject({ stage: 'ended', status: 'done' })
    await opened.close()
    const { events = [] } = await handle.fetchHistory()
    expect(events?.length).toBeLessThan(200)
    // Ids and decisions, never what was read.
    expect(JSON.stringify(events).length / (events?.length ?? 1)).toBeLessThan(2_000)
    expect(await verify(world.db)).toEqual([])
  })

  test('a workflow that a person cancels in Temporal cancels its task in the ledger', async () => {
    const { world, client, states, isAll } = await open()
    world.simulators.youtube.plan({
      path: '/youtube/v3/channels',
      times: 50,
      status: { status: 503, body: '' },
    })
    const opened = await world.open()
    await makeAllDue(world.db, ['youtube'])
    await opened.cloud.triggers.tick('extract-youtube')
    await eventually(isAll('waiting'))
    await firstTask(client).cancel()
    await eventually(isAll('cancelled'))
    await eventually(async () => (await firstTask(client).describe()).status.name === 'CANCELLED')
    expect(await world.db.rows(sql`select actor, action, about from audit_log`)).toEqual([
      { actor: 'temporal', action: 'cancel', about: 'task 1' },
    ])
    // The account is free for the next sync.
    world.simulators.youtube.clearFaults()
    await opened.runOnce()
    await opened.close()
    expect(await states()).toEqual([{ status: 'cancelled' }, { status: 'done' }])
    expect(await verify(world.db)).toEqual([])
  })

  test('a task that waits its turn is followed once: ticks leave no events in its history', async () => {
    const { world, client, isAll } = await open()
    world.simulators.youtube.plan({
      path: '/youtube/v3/channels',
      times: 1,
      status: { status: 503, body: '' },
    })
    const opened = await world.open()
    await makeAllDue(world.db, ['youtube'])
    await opened.cloud.triggers.tick('extract-youtube')
    await eventually(isAll('waiting'))
    const events = async () => (await firstTask(client).fetchHistory()).events ?? []
    const lengthOf = async () => (await events()).length
    // It sleeps once its timer is written.
    await eventually(async () => (await events()).at(-1)?.timerStartedEventAttributes != null)
    const before = await lengthOf()
    const place = { namespace: 'default', taskQueue: 'social-sync' }
    await world.db.rows(sql`update sync_tasks set run_at = app_now() - interval '1 hour'`)
    await Promise.all([1, 2, 3].map(async () => (await startNow(client, place, 'createDue')).result()))
    expect(await lengthOf()).toBe(before)
    await opened.followThrough()
    expect(await firstTask(client).result()).toMatchObject({ status: 'done' })
    await opened.close()
  })

  test('a workflow that is cancelled while its account is read ends at once, and so does the reading', async () => {
    const { world, client, isAll } = await open()
    world.simulators.youtube.plan({ path: '/youtube/v3/playlistItems', times: 1, delayMs: 3_000 })
    const opened = await world.open()
    await makeAllDue(world.db, ['youtube'])
    await opened.cloud.triggers.tick('extract-youtube')
    await eventually(async () => (await world.db.rows(sql`select from raw_pages`)).length === 1)
    await firstTask(client).cancel()
    await eventually(isAll('cancelled'))
    await eventually(async () => (await firstTask(client).describe()).status.name === 'CANCELLED')
    await opened.followThrough()
    // What came after is not kept.
    expect(await world.db.rows(sql`select endpoint from raw_pages`)).toHaveLength(1)
    await opened.close()
    expect(await verify(world.db)).toEqual([])
  })

  test('a task that is cancelled over the ledger ends its workflow, also one that waits for days', async () => {
    const { world, client, isAll, repair } = await open({ ml: { durationMs: () => 6 * dayMs } })
    const opened = await world.open()
    await makeAllDue(world.db, ['youtube'])
    await opened.cloud.triggers.tick('extract-youtube')
    await eventually(isAll('enriching'))
    await world.db.rows(sql`update sync_tasks set status = 'cancelled', finished_at = app_now()`)
    await repair()
    expect(await firstTask(client).result()).toMatchObject({ stage: 'ended', status: 'cancelled' })
    await opened.close()
  })

  test('the repair starts a workflow for each open task of a namespace that was wiped', async () => {
    const { world, server, client, isAll, repair } = await open({
      observations: fewPosts(3, 1),
      ml: { durationMs: () => dayMs / 12 },
    })
    const opened = await world.open()
    await makeAllDue(world.db, ['youtube'])
    await opened.cloud.triggers.tick('extract-youtube')
    await eventually(isAll('enriching'))
    await server.lose()
    const running = async () => (await client.workflow.count(`ExecutionStatus = 'Running'`)).count
    await eventually(async () => (await running()) === 0)
    await repair()
    await eventually(async () => (await running()) === 3)
    await opened.followThrough()
    await eventually(async () => (await running()) === 0)
    await opened.close()
    expect(world.failures).toEqual([])
    expect(await verify(world.db)).toEqual([])
  })

  test('a new version takes over workflows that are under way, and keeps them when an old worker is restarted', async () => {
    const { world, server, client, isAll } = await open()
    world.simulators.youtube.plan({
      path: '/youtube/v3/channels',
      times: 1,
      status: { status: 503, body: '' },
    })
    const versioned = (TEMPORAL_BUILD_ID: string) =>
      world.open(undefined, {}, { name: 'temporal', env: { ...server.driver.env, TEMPORAL_BUILD_ID } })
    const old = await versioned('one')
    await makeAllDue(world.db, ['youtube'])
    await old.cloud.triggers.tick('extract-youtube')
    await eventually(isAll('waiting'))
    const next = await versioned('two')
    await old.close()
    const restarted = await versioned('one')
    await next.followThrough()
    expect(await firstTask(client).result()).toMatchObject({ status: 'done' })
    const { raw } = await firstTask(client).describe()
    expect(raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId).toBe('two')
    await Promise.all([restarted.close(), next.close()])
    expect(await verify(world.db)).toEqual([])
  })
})
