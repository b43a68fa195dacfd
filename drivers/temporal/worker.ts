import { Connection } from '@temporalio/client'
import { NativeConnection, Worker } from '@temporalio/worker'
import type { Core } from '../core/core.ts'
import type { WorkerOptions } from '../core/process.ts'
import { openActivities } from './activities.ts'
import { workflowBundle } from './bundle.ts'
import { openFollower, type TemporalFollower, type TemporalPlace } from './client.ts'
import { logInto } from './log.ts'
import { makeSchedules, putSchedules } from './schedules.ts'
import { searchKeys } from './search-keys.ts'
import { connectionOf, placeOf, type TemporalConfig } from './settings.ts'
import { activityInterceptors } from './trace.ts'
import { takeOver, versionOf } from './versions.ts'

export interface TemporalWorker {
  readonly follower: TemporalFollower
  /** Resolves when the worker has ended; rejects when it cannot go on. */
  readonly ended: Promise<void>
  /** Gives back what is under way, and ends the worker. */
  close(): Promise<void>
}

/** How often a worker looks whether schedules, search attributes and its version are there. */
const lookEveryMs = 30_000
/** Activities wait most of their time for a run that serves many of them. */
const mostAtOnce = 300

/** Takes part in the work of all tasks until it is closed. */
export async function openWorker(
  core: Core,
  config: TemporalConfig,
  { hasSchedules }: WorkerOptions,
): Promise<TemporalWorker> {
  logInto(core.log)
  const place = placeOf(config)
  const [connection, native] = await Promise.all([
    Connection.connect(connectionOf(config)),
    NativeConnection.connect(connectionOf(config)),
  ])
  const follower = openFollower(core.db, connection, place)
  core.whenEnded(follower.ended)
  const warn = (error: unknown) => core.log.warn({ error }, 'Temporal does not take a part of its set-up')
  await addSearchKeys(connection, place).catch(warn)
  const worker = await Worker.create({
    ...{ connection: native, ...place, ...versionOf(config) },
    workflowBundle: await workflowBundle(core.log),
    activities: openActivities(core, follower),
    interceptors: { activity: [activityInterceptors] },
    maxConcurrentActivityTaskExecutions: mostAtOnce,
    shutdownGraceTime: '1 second',
    shutdownForceTime: '20 seconds',
  })
  const ended = worker.run()
  await takeOver(connection, place, config)
  if (hasSchedules) await putSchedules(follower.client, place)
  // A server that lost its namespace has none of this.
  const put = async () => {
    await addSearchKeys(connection, place).catch(warn)
    await takeOver(connection, place, config).catch(warn)
    if (hasSchedules) await makeSchedules(follower.client, place).catch(warn)
  }
  let putting = Promise.resolve()
  const timer = setInterval(() => {
    putting = put()
  }, lookEveryMs)
  return {
    follower,
    ended,
    close: async () => {
      clearInterval(timer)
      if (worker.getState() === 'RUNNING') worker.shutdown()
      await Promise.all([core.stop(), ended.catch(() => undefined), putting])
      // The client's connection stays: closed, it throws out of a timer that tries a call again.
      await native.close()
    },
  }
}

/** Temporal Cloud does not let a worker add them: there they are added by hand (docs/drivers.md). */
async function addSearchKeys({ operatorService }: Connection, { namespace }: TemporalPlace): Promise<void> {
  const keyword = 2
  const names = Object.values(searchKeys).map(({ name }) => name)
  const { customAttributes = {} } = await operatorService.listSearchAttributes({ namespace })
  const missing = names.filter((name) => !(name in customAttributes))
  if (missing.length === 0) return
  const searchAttributes = Object.fromEntries(missing.map((name) => [name, keyword]))
  await operatorService.addSearchAttributes({ namespace, searchAttributes })
}
