import { appRemedy as instagramRemedy } from '#shared/platforms/instagram/errors.ts'
import { refreshInstagram } from '#shared/platforms/instagram/oauth.ts'
import { appRemedy as tiktokRemedy } from '#shared/platforms/tiktok/errors.ts'
import { refreshTiktok } from '#shared/platforms/tiktok/oauth.ts'
import type { Config } from '#shared/runtime/config.ts'
import { hasDataKey, openDataKey } from '#shared/runtime/data-key.ts'
import { type CloudFunction, cloudHandler } from '#shared/runtime/handler.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import type { Renewal } from './renew.ts'
import { type MaintainDeps, runMaintain } from './run.ts'

interface Opened {
  readonly deps: MaintainDeps
  readonly release: string | null
}

const budgetMs = 240_000

/** Called at deployment, before the other functions are updated, and by its timers. */
export const fn: CloudFunction<'maintain', Opened> = {
  name: 'maintain',
  budgetMs,
  open: (ports, config) => {
    const { db, log, spare } = ports
    const dataKey = hasDataKey(config) ? openDataKey(ports, config) : null
    const renewals = renewalsOf(ports, config)
    return {
      release: config.RELEASE ?? null,
      deps: { db, log, spare, dataKey, renewals, refreshDays: config.REFRESH_DAYS, budgetMs },
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

/**
 * TikTok's access tokens live two hours and maintain comes each half hour; Instagram's live 60 days and are renewed
 * weekly (platform-apis 2.5, 3.2).
 */
function renewalsOf({ fetch }: Ports, config: Config<'maintain'>): Renewal[] {
  const { TIKTOK_CLIENT_KEY: clientKey, TIKTOK_CLIENT_SECRET: clientSecret } = config
  const instagram: Renewal = {
    platform: 'instagram',
    aheadMinutes: 53 * 24 * 60,
    appRemedy: instagramRemedy,
    renew: (token, signal) =>
      refreshInstagram({ fetch, baseUrl: config.INSTAGRAM_LOGIN_API_URL }, token, signal),
  }
  if (!clientKey || !clientSecret) return [instagram]
  const oauth = { fetch, baseUrl: config.TIKTOK_API_URL, clientKey, clientSecret }
  const tiktok: Renewal = {
    platform: 'tiktok',
    aheadMinutes: 75,
    appRemedy: tiktokRemedy,
    renew: (token) => refreshTiktok(oauth, token),
  }
  return [instagram, tiktok]
}

export const handler = cloudHandler(fn)
