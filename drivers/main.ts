import { readConfig } from '#shared/runtime/config.ts'
import { healthSettings, isReady } from './core/health.ts'

/** What a container of the image does, by its first argument. */
const commands: Readonly<Record<string, () => Promise<unknown>>> = {
  api: () => import('./http/main.ts'),
  'flow-worker': () => import('./flow/main.ts'),
  'temporal-worker': () => import('./temporal/main.ts'),
  migrate: () => import('./migrate.ts'),
  health: async () => {
    const { HEALTH_PORT } = readConfig('health', healthSettings)
    process.exitCode = HEALTH_PORT !== undefined && (await isReady(HEALTH_PORT)) ? 0 : 1
  },
}

const [name = ''] = process.argv.slice(2)
const run = Object.hasOwn(commands, name) ? commands[name] : undefined
if (run) await run()
else {
  process.stderr.write(`one of these commands is needed: ${Object.keys(commands).join(', ')}\n`)
  process.exitCode = 64
}
