import type { Core } from '#drivers/core/core.ts'
import { boardPath, openBoard } from '#drivers/flow/board.ts'
import { flowSettings } from '#drivers/flow/settings.ts'
import { openWorker } from '#drivers/flow/worker.ts'
import type { Environment } from '#shared/runtime/config.ts'
import type { Orchestrator } from './driver.ts'

/** A worker of the flow in this process; the world's own clock runs its schedules. */
export async function orchestrateByFlow(core: Core, env: Environment): Promise<Orchestrator> {
  const worker = await openWorker(core, flowSettings.parse(env), { hasSchedules: false })
  return {
    ...worker,
    board: (isAllowed) => ({ path: boardPath, app: openBoard(worker.queues, isAllowed) }),
  }
}
