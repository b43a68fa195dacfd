import type { Connection } from '@temporalio/client'
import type { WorkerOptions } from '@temporalio/worker'
import pRetry from 'p-retry'
import type { TemporalPlace } from './client.ts'
import type { TemporalConfig } from './settings.ts'

const deploymentName = 'social-sync'

/** Workflows under way go on with the newest version, so that none waits for an old worker during the days of its ML jobs. */
export const versionOf = ({
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

/**
 * Makes the version of this worker the one that gets all work, unless it was that before: an old worker that is restarted does not
 * take work back from a newer one.
 */
export async function takeOver(
  connection: Connection,
  place: TemporalPlace,
  { TEMPORAL_BUILD_ID: buildId }: TemporalConfig,
): Promise<void> {
  if (buildId === undefined) return
  // Until the first poll of this worker has come, the server does not know its version.
  const patience = { retries: 50, minTimeout: 200, factor: 1 }
  await pRetry(() => makeCurrent(connection, place, buildId), patience)
}

async function makeCurrent(
  { workflowService }: Connection,
  { namespace }: TemporalPlace,
  buildId: string,
): Promise<void> {
  const { workerDeploymentInfo } = await workflowService.describeWorkerDeployment({
    namespace,
    deploymentName,
  })
  const current = workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId
  const own = workerDeploymentInfo?.versionSummaries?.find(
    (one) => one.deploymentVersion?.buildId === buildId,
  )
  if (!own) throw new Error(`the version ${buildId} is not known yet`)
  if (current && (current === buildId || own.lastCurrentTime || own.currentSinceTime)) return
  await workflowService.setWorkerDeploymentCurrentVersion({
    ...{ namespace, deploymentName, buildId, ignoreMissingTaskQueues: true },
  })
}
