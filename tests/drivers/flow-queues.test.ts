import { UnrecoverableError } from 'bullmq'
import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Core } from '#drivers/core/core.ts'
import { openFollower } from '#drivers/flow/flow.ts'
import { openForApi } from '#drivers/flow/for-api.ts'
import { flowSettings } from '#drivers/flow/settings.ts'
import { openStore } from '#drivers/flow/store.ts'
import { openWorker } from '#drivers/flow/worker.ts'
import { sql } from '#shared/db/sql.ts'
import type { TaskRef } from '#shared/db/views/task-progress.ts'
import { verify } from '#shared/db/views/verify.ts'
import { openLogger } from '#shared/telemetry/logger.ts'
import { makeAllDue } from '../../local/cloud.ts'
import { findProgram, startRedis } from '../../local/drivers/servers.ts'
import { openTestDatabase } from '../setup/database.ts'
import { eventually } from '../setup/eventually.ts'
import { canDrive, openOrchestrator, spawnProcess } from '../setup/orchestrator.ts'
import { fewAccounts, openTestWorld } from '../setup/world.ts'

const log = openLogger({ level: 'silent' })
const task: TaskRef = {
  ...{ id: '1', platform: 'youtube', client: null, account_id: '7', traceparent: null },
  ...{ stage: 'extract', lane: 'schedule' },
}
const at = (stage: string) => ({ id: '1', stage, status: stage, has_profile: true, after_ms: 0 })

/** A worker over steps of the test's own. */
async function openOver(steps: Partial<Core>) {
  const { driver } = await openOrchestrator('flow')
  const { db } = await openTestDatabase()
  const core = {
    db,
    log,
    whenEnded: () => undefined,
    stop: async () => undefined,
    ...steps,
  } as unknown as Core
  const worker = await openWorker(core, flowSettings.parse(driver.env), { hasSchedules: false })
  onTestFinished(() => worker.close())
  const left = async () => {
    const counts = await Promise.all(
      [...worker.follower.queues.values()].map((queue) => queue.getJobCounts()),
    )
    return counts.flatMap((one) => Object.values(one)).reduce((sum, count) => sum + count, 0)
  }
  return { worker, left }
}

describe.skipIf(!canDrive('flow'))('the flow and its queues', { timeout: 60_000 }, () => {
  test('the steps of a task run one after another, and leave nothing behind', async () => {
    const calls: string[] = []
    const step = (name: string, stage: string) => async (_task: unknown, _signal: unknown, part?: string) => {
      calls.push(part ? `${name} ${part}` : name)
      return at(stage)
    }
    const steps = { extract: step('extract', 'transform'), transform: step('transform', 'enrich') }
    const { worker, left } = await openOver({ ...steps, submit: step('submit', 'enrich') } as unknown as Core)
    await Promise.all([worker.follower.rouse([task]), worker.follower.rouse([task])])
    await eventually(async () => (await left()) === 0)
    expect(calls).toEqual(['extract profile', 'extract', 'extract', 'transform', 'submit'])
  })

  test('a step that is given up holds up no other one, which sees what is missing', async () => {
    let tries = 0
    const extract = async () => {
      tries += 1
      if (tries === 1) throw new UnrecoverableError('given up')
      return at('transform')
    }
    const enrich = async () => at('enrich')
    const { worker, left } = await openOver({ extract, transform: enrich, submit: enrich } as unknown as Core)
    await worker.follower.rouse([task])
    await eventually(async () => (await left()) === 0)
    expect(tries).toBe(3)
  })

  test('a step that waits for a time is put off, and is done at once when its task is roused', async () => {
    let isOpen = false
    const extract = async () =>
      isOpen ? at('transform') : { ...at('extract'), has_profile: false, after_ms: 3_600_000 }
    const enrich = async () => at('enrich')
    const { worker, left } = await openOver({ extract, transform: enrich, submit: enrich } as unknown as Core)
    await worker.follower.rouse([task])
    await eventually(async () => (await worker.follower.queues.get('fetch-youtube')?.getDelayedCount()) === 1)
    isOpen = true
    await worker.follower.rouse([task])
    await eventually(async () => (await left()) === 0)
  })

  test('a flow that lost the steps that its last one waits for is begun again', async () => {
    const { driver } = await openOrchestrator('flow')
    const { db } = await openTestDatabase()
    const store = openStore(flowSettings.parse(driver.env), () => undefined)
    const follower = openFollower(db, store, () => undefined)
    onTestFinished(async () => {
      await follower.close()
      await store.close()
    })
    await follower.rouse([task])
    const redis = new Redis(driver.env['REDIS_URL'] ?? '')
    onTestFinished(() => redis.disconnect())
    for (const key of await redis.keys('*:fetch*')) await redis.del(key)
    expect(await follower.queues.get('fetch-youtube')?.getJobCounts('prioritized')).toEqual({
      prioritized: 0,
    })
    await follower.rouse([task])
    expect(await follower.queues.get('fetch-youtube')?.getJobCounts('prioritized')).toEqual({
      prioritized: 1,
    })
  })

  test('a worker makes its schedules again after FLUSHALL, and syncs what is due', async () => {
    const server = await openOrchestrator('flow')
    const world = await openTestWorld({ observations: fewAccounts(1), driver: server.driver })
    const worker = spawnProcess('flow', world.workerEnv)
    const redis = new Redis(server.driver.env['REDIS_URL'] ?? '')
    onTestFinished(() => redis.disconnect())
    const schedules = async () => (await redis.keys('*:schedules:repeat:*')).length
    const read = (count: number) => async () =>
      (await world.db.rows(sql`select from sync_tasks where walk_ended_at is not null`)).length === count
    await eventually(read(1))
    await redis.flushall()
    expect(await schedules()).toBe(0)
    await makeAllDue(world.db, ['youtube'])
    await eventually(read(2))
    expect(await schedules()).toBeGreaterThanOrEqual(4)
    expect(await worker.stop()).toBe(0)
    expect(await verify(world.db)).toEqual([])
  })

  test('a sync that a person asks for is read before others that were there first', async () => {
    const order: string[] = []
    let isOpen = () => {}
    const opened = new Promise<void>((resolve) => {
      isOpen = resolve
    })
    const extract = async ({ id }: { id: string }, _signal: unknown, part?: string) => {
      if (part) order.push(id)
      await opened
      return at('transform')
    }
    const enrich = async () => at('enrich')
    const { worker, left } = await openOver({ extract, transform: enrich, submit: enrich } as unknown as Core)
    const all = Array.from({ length: 260 }, (_, index) => ({ ...task, id: String(index + 10) }))
    await worker.follower.rouse(all)
    await worker.follower.rouse([{ ...task, id: '1', lane: 'ad-hoc' }])
    isOpen()
    await eventually(async () => (await left()) === 0)
    // Two hundred were begun before it was asked for.
    expect(order.indexOf('1')).toBeLessThan(230)
  })

  test('a worker ends within seconds while Redis is away', async () => {
    const server = await openOrchestrator('flow')
    const world = await openTestWorld({ observations: fewAccounts(1), driver: server.driver })
    const worker = spawnProcess('flow', world.workerEnv)
    await eventually(async () => worker.output().includes('at work'))
    await server.lose(async () => {
      const since = performance.now()
      expect(await worker.stop()).toBe(0)
      expect(performance.now() - since).toBeLessThan(25_000)
    })
  })

  const valkey = findProgram('valkey-server')
  if (!valkey) console.warn('valkey-server is not on the path: the flow is not tried over Valkey')
  test.skipIf(!valkey)('Valkey serves the queues as Redis does', async () => {
    const server = await startRedis(undefined, valkey)
    onTestFinished(() => server.kill())
    const driver = { name: 'flow', env: { REDIS_URL: `redis://${server.address}` } } as const
    const world = await openTestWorld({ observations: fewAccounts(2), driver })
    expect(await world.syncAll()).toMatchObject({ tasks: { done: 2 }, ml_jobs: { open: 0 } })
    expect(await verify(world.db)).toEqual([])
  })

  test('without Redis the queues are in a schema of PostgreSQL', async () => {
    const { url } = await openTestDatabase()
    const driver = { name: 'flow', env: { FLOW_DATABASE_URL: url } } as const
    const world = await openTestWorld({ observations: fewAccounts(2), driver })
    expect(await world.syncAll()).toMatchObject({ tasks: { done: 2 }, ml_jobs: { open: 0 } })
    expect(world.failures).toEqual([])
    expect(await verify(world.db)).toEqual([])
    // A worker of its own keeps its schedules there.
    await world.db.rows(sql`update accounts set next_sync_at = app_now()`)
    const worker = spawnProcess('flow', world.workerEnv)
    await eventually(
      async () =>
        (await world.db.rows(sql`select from sync_tasks where walk_ended_at is not null`)).length === 4,
    )
    expect(await worker.stop()).toBe(0)
  })

  test('Bull Board is shown to those whose key may do everything', async () => {
    const { driver } = await openOrchestrator('flow')
    const { db } = await openTestDatabase()
    const forApi = await openForApi(db, flowSettings.parse(driver.env), log)
    onTestFinished(() => forApi.close())
    const { app } = forApi.board?.(async (key) => key === 'right') ?? {}
    const ask = async (key?: string) => {
      const authorization = `Basic ${Buffer.from(`anyone:${key}`).toString('base64')}`
      return app?.request('http://localhost/', key === undefined ? {} : { headers: { authorization } })
    }
    expect((await ask())?.status).toBe(401)
    expect((await ask('wrong'))?.status).toBe(401)
    const answer = await ask('right')
    expect(answer?.status).toBe(200)
    expect(await answer?.text()).toContain('social-sync')
  })
})
