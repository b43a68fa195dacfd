import type { Db } from '#shared/db/pool.ts'
import type { Logger } from '#shared/telemetry/logger.ts'
import type { ForApi } from '../core/follower.ts'
import { boardPath, openBoard } from './board.ts'
import { openFollower } from './flow.ts'
import { schedulesQueue, startNow } from './schedules.ts'
import type { FlowConfig } from './settings.ts'
import { openStore } from './store.ts'

/** What the API takes of the flow: it adds jobs, runs none, and shows them. */
export async function openForApi(db: Db, config: FlowConfig, log: Logger): Promise<ForApi> {
  const onError = (error: unknown) =>
    log.warn({ error }, 'trouble of a queue; the schedules take up what it lost')
  const store = openStore(config, onError)
  const follower = openFollower(db, store, onError)
  const schedules = new store.Queue(schedulesQueue, store.options)
  schedules.on('error', onError)
  return {
    follower,
    transformDue: () => startNow(schedules, 'transform'),
    board: (isAllowed) => ({
      path: boardPath,
      app: openBoard([...follower.queues.values(), schedules], isAllowed),
    }),
    close: async () => {
      await Promise.all([follower.close(), schedules.close()])
      await store.close()
    },
  }
}
