import { platforms } from '#shared/platforms/registry.ts'
import { stageSettings, withSettings } from '#shared/runtime/config.ts'
import { hasDataKey, openDataKey } from '#shared/runtime/data-key.ts'
import { type CloudFunction, cloudHandler } from '#shared/runtime/handler.ts'
import { namedBucket } from '#shared/runtime/media.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import type { Renewal } from './renew.ts'
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
  open: (ports, config) => {
    const { db, log, spare } = ports
    const dataKey = hasDataKey(config) ? openDataKey(ports, config) : null
    const renewals = renewalsOf(ports, config)
    return {
      release: config.RELEASE ?? null,
      deps: {
        ...{ db, log, spare, dataKey, renewals, refreshDays: config.REFRESH_DAYS, budgetMs },
        bucket: namedBucket(ports, config),
        keepRules: platforms.map(({ name, pictureRule }) => ({
          platform: name,
          most_days: pictureRule.mostDays,
        })),
      },
    }
  },
  call: async ({ deps, release }, _event, signal) => {
    const outcome = await runMaintain(deps, signal)
    const { findings, ...done } = outcome
    const violated = findings.filter(({ count }) => count !== null).length
    deps.log.info({ ...done, violated }, 'maintained')
    return { release, ...outcome }
  },
}

/** How the tokens of each platform are renewed, as far as that is set up here. */
function renewalsOf({ fetch }: Ports, config: object): Renewal[] {
  return platforms.flatMap(({ name, appRemedy, tokens }) => {
    const renew = tokens?.renewal(fetch, config as never)
    return tokens && renew ? [{ platform: name, aheadMinutes: tokens.aheadMinutes, appRemedy, renew }] : []
  })
}

export const handler = cloudHandler(fn)
