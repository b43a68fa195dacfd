import { platforms } from '#shared/platforms/registry.ts'
import { stageSettings, withSettings } from '#shared/runtime/config.ts'
import { type CloudFunction, cloudHandler } from '#shared/runtime/handler.ts'
import { openMaintain } from './open.ts'
import { type MaintainDeps, runMaintain } from './run.ts'

interface Opened {
  readonly deps: MaintainDeps
  readonly release: string | null
}

const budgetMs = 240_000
const settings = withSettings(stageSettings.maintain, ...platforms.map(({ renewing }) => renewing))

/** Called at deployment, before the other functions are updated, and by its timers. */
export const fn: CloudFunction<typeof stageSettings.maintain, Opened> = {
  name: 'maintain',
  settings,
  budgetMs,
  open: (ports, config) => ({
    release: config.RELEASE ?? null,
    deps: openMaintain(ports, config, budgetMs),
  }),
  call: async ({ deps, release }, _event, signal) => {
    const outcome = await runMaintain(deps, signal)
    const { findings, ...done } = outcome
    const violated = findings.filter(({ count }) => count !== null).length
    deps.log.info({ ...done, violated }, 'maintained')
    return { release, ...outcome }
  },
}

export const handler = cloudHandler(fn)
