import { Connection } from '@temporalio/client'
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker'
import type { Core } from '../core/core.ts'
import { openActivities } from './activities.ts'
import { workflowBundle } from './bundle.ts'
import { openFollower, searchKeys, type TemporalFollower, type TemporalPlace } from './client.ts'
import { logInto } from './log.ts'
import { makeSchedules, putSchedules } from './schedules.ts'
import { connectionOf, placeOf, type TemporalConfig } from './settings.ts'
import { activityInterceptors } from './trace.ts'

export interface TemporalWorker {
  readonly follower: TemporalFollower
  /** Resolves when the worker has ended; rejects when it cannot go on. */
  readonly ended: Promise<void>
  /** Gives back what is under way, and ends the worker. */
  close(): Promise<void>
}

/** How often a worker looks whether schedules and search attributes are there. */
const lookEveryMs = 30_000
/** Activities wait most of their time for a run that serves many of them. */
const mostAtOnce = 300

interface Options {
  /** Whether schedules run; paused in a world with a clock of its own, which runs them by that. */
  readonly hasSchedules: boolean
}

/** Takes part in the work of all tasks until it is closed. */
export async function openWorker(
  core: Core,
  config: TemporalConfig,
  { hasSchedules }: Options,
): Promise<TemporalWorker> {
  logInto(core.log)
  const place = placeOf(config)
  const [connection, native] = await Promise.all([
    Connection.connect(connectionOf(config)),
    NativeConnection.connect(connectionOf(config)),
  ])
  await addSearchKeys(connection, place)
  const follower = openFollower(core.db, connection, place)
  core.whenEnded(follower.ended)
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
  if (config.TEMPORAL_BUILD_ID) await makeCurrent(connection, place, config.TEMPORAL_BUILD_ID)
  await putSchedules(follower.client, place, !hasSchedules)
  // A server that lost its namespace has neither.
  const put = async () => {
    await addSearchKeys(connection, place)
    await makeSchedules(follower.client, place, !hasSchedules)
  }
  const timer = setInterval(
    () => void put().catch((error: unknown) => core.log.warn({ error }, 'Temporal is not reached')),
    lookEveryMs,
  )
  return {
    follower,
    ended,
    close: async () => {
      clearInterval(timer)
      if (worker.getState() === 'RUNNING') worker.shutdown()
      await Promise.all([core.stop(), ended.catch(() => undefined)])
      await Promise.all([connection.close(), native.close()])
    },
  }
}

const deploymentName = 'social-sync'

/** Workflows under way go on with the newest version, so that none waits for an old worker during the days of its ML jobs. */
const versionOf = ({
  TEMPORAL_BUILD_ID: buildId,
}: TemporalConfig): Pick<WorkerOptions, 'workerDeploymentOptions'> =>
  buildId === undefined
    ? {}
    : {
        workerDeploymentOptions: {
          useWorkerVersioning: true,
          version: { deploymentName, buildId },
          defaultVersioningBehavior: 'AUTO_UPGRADE',
        },
      }

/** Where nobody may add them to a namespace (Temporal Cloud), they are added by hand: docs/drivers.md. */
async function addSearchKeys({ operatorService }: Connection, { namespace }: TemporalPlace): Promise<void> {
  const keyword = 2
  const names = Object.values(searchKeys).map(({ name }) => name)
  const { customAttributes = {} } = await operatorService.listSearchAttributes({ namespace })
  const missing = names.filter((name) => !(name in customAttributes))
  if (missing.length === 0) return
  const searchAttributes = Object.fromEntries(missing.map((name) => [name, keyword]))
  await operatorService.addSearchAttributes({ namespace, searchAttributes })
}

async function makeCurrent(
  { workflowService }: Connection,
  { namespace }: TemporalPlace,
  buildId: string,
): Promise<void> {
  // Until its first poll has come, the server does not know this version.
  for (let tries = 1; ; tries += 1) {
    try {
      await workflowService.setWorkerDeploymentCurrentVersion({
        ...{ namespace, deploymentName, buildId, ignoreMissingTaskQueues: true },
      })
      return
    } catch (error) {
      if (tries === 50) throw error
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}
