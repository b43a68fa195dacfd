import { platformNames, platformOf } from '#shared/platforms/index.ts'
import { extractQueue, extractQueueUrl, functionSettings, withSettings } from '#shared/runtime/config.ts'
import { type CloudFunction, cloudHandler } from '#shared/runtime/handler.ts'
import type { ApiDeps } from './deps.ts'
import { openApi } from './open.ts'
import { budgetMs, serve } from './serve.ts'

/** With the queues of all platforms, what plans of them are made of, and the apps that owners grant access to. */
const settings = withSettings(
  functionSettings.sync,
  ...platformNames.flatMap((name) => [
    extractQueue(name),
    platformOf(name).planning,
    platformOf(name).connecting,
  ]),
)

/**
 * The HTTP API and the console over it. What an operator does: syncs, accounts, parked work, checks. Everything under /v1
 * wants a key; refusals are problem+json.
 */
export const fn: CloudFunction<typeof settings, ApiDeps> = {
  name: 'sync',
  settings,
  budgetMs,
  open: (ports, config) =>
    openApi(ports, config, {
      ringExtract: (platform) => ports.sender(extractQueueUrl(config, platform)),
      ringTransform: ports.sender(config.TRANSFORM_QUEUE_URL),
      // A task that has ended has nothing that waits for it here.
      sayEnded: async () => undefined,
    }),
  call: serve,
}

export const handler = cloudHandler(fn)
