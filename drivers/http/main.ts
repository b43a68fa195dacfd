import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { openApi } from '#functions/sync/open.ts'
import { isKeyOf } from '#functions/sync/serve.ts'
import { apiRings, type ForApi } from '../core/follower.ts'
import { openProcess, runUntilAsked } from '../core/process.ts'
import { apiSettings } from '../core/settings.ts'
import { flowSettings } from '../flow/settings.ts'
import { temporalSettings } from '../temporal/settings.ts'
import { answering } from './answer.ts'
import { openServer } from './server.ts'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
/** Where `npm run build` puts the console: beside the code in an image. */
const built = existsSync(file('./console')) ? file('./console') : file('../../dist/sync/console')

const settings = apiSettings.extend({
  ...flowSettings.shape,
  ...temporalSettings.shape,
  CONSOLE_FOLDER: z.string().min(1).default(built),
  /** Who follows the tasks that the API makes. */
  DRIVER: z.enum(['flow', 'temporal']),
  HOST: z.string().min(1).default('0.0.0.0'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
})

/** The HTTP API and the console as a process of its own; as many as one likes may run. */
const process = await openProcess('api', settings)
const { config, ports } = process
const { db, log } = ports

async function openOrchestrator(): Promise<ForApi> {
  if (config.DRIVER === 'flow') return (await import('../flow/for-api.ts')).openForApi(db, config, log)
  return (await import('../temporal/for-api.ts')).openForApi(db, config)
}

const orchestrator = await openOrchestrator()
const api = openApi(ports, config, apiRings(db, log, orchestrator))
const board = orchestrator.board?.((key) => isKeyOf(key, api, 'admin'))
const server = await openServer(answering(ports, api), { host: config.HOST, port: config.PORT, board })
log.info({ port: server.port }, 'the API is served')
await runUntilAsked(process, {
  close: async () => {
    await server.close()
    await orchestrator.close()
  },
})
