import type { Core } from '#drivers/core/core.ts'
import { startNow } from '#drivers/temporal/client.ts'
import { placeOf, temporalSettings } from '#drivers/temporal/settings.ts'
import { openWorker } from '#drivers/temporal/worker.ts'
import type { Environment } from '#shared/runtime/config.ts'
import type { Orchestrator } from './driver.ts'

const workflowOf = {
  create: 'createDue',
  poll: 'pollAll',
  maintain: 'maintainAll',
  transform: 'transformAll',
} as const

/** A worker of Temporal in this process; the world's own clock runs its schedules. */
export async function orchestrateByTemporal(core: Core, env: Environment): Promise<Orchestrator> {
  const config = temporalSettings.parse(env)
  const { follower, close } = await openWorker(core, config, { hasSchedules: false })
  return {
    ...{ follower, close },
    run: async (schedule) => {
      const handle = await startNow(follower.client, placeOf(config), workflowOf[schedule])
      await handle.result()
    },
  }
}
