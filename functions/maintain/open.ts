import { platforms } from '#shared/platforms/registry.ts'
import type { StageConfig } from '#shared/runtime/config.ts'
import { hasDataKey, openDataKey } from '#shared/runtime/data-key.ts'
import { namedBucket } from '#shared/runtime/media.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import { openPost } from '#shared/runtime/post.ts'
import type { Renewal } from './renew.ts'
import type { MaintainDeps } from './run.ts'

/**
 * What keeping the database in order takes, of ports and settings.
 * @param budgetMs time for all of it
 */
export function openMaintain(ports: Ports, config: StageConfig<'maintain'>, budgetMs: number): MaintainDeps {
  const { db, bodies, log, spare } = ports
  const dataKey = hasDataKey(config) ? openDataKey(ports, config) : null
  const renewals = renewalsOf(ports, config)
  return {
    ...{ db, bodies, log, spare, dataKey, renewals, budgetMs },
    refreshDays: config.REFRESH_DAYS,
    timeZone: config.REPORT_TIME_ZONE,
    post: openPost(ports, config),
    publicUrl: config.MEDIA_URL,
    bucket: namedBucket(ports, config),
    keepRules: platforms.map(({ name, pictureRule }) => ({
      platform: name,
      most_days: pictureRule.mostDays,
    })),
  }
}

/** How the tokens of each platform are renewed, as far as that is set up here. */
function renewalsOf({ fetch }: Ports, config: object): Renewal[] {
  return platforms.flatMap(({ name, appRemedy, tokens }) => {
    const renew = tokens?.renewal(fetch, config as never)
    return tokens && renew ? [{ platform: name, aheadMinutes: tokens.aheadMinutes, appRemedy, renew }] : []
  })
}
