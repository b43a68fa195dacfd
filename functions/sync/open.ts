import { readKeyCheck } from '#shared/db/tables/api-keys.ts'
import { providersOf } from '#shared/ml/configured.ts'
import { platformOf } from '#shared/platforms/index.ts'
import type { StageConfig } from '#shared/runtime/config.ts'
import { hasDataKey, openDataKey } from '#shared/runtime/data-key.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import { openPost } from '#shared/runtime/post.ts'
import { stateOf } from '#shared/runtime/state.ts'
import type { ApiDeps } from './deps.ts'
import { readHealth } from './health.ts'
import { onceIn } from './once-in.ts'

/** What the API takes, of ports and settings. @param rings how it tells the driver what came about */
export const openApi = (
  ports: Ports,
  config: StageConfig<'sync'>,
  rings: Pick<ApiDeps, 'ringExtract' | 'ringTransform' | 'sayEnded'>,
): ApiDeps => ({
  ...{
    db: ports.db,
    bodies: ports.bodies,
    state: stateOf(config, ports.db, ports.log),
    log: ports.log,
    etas: new Map(),
  },
  ...rings,
  health: onceIn(2_000, () => readHealth(ports)),
  keyCheck: onceIn(60_000, () => readKeyCheck(ports.db)),
  openAccess: (platform) => platformOf(platform).openAccess(config as never),
  callsOf: (platform, mode) => platformOf(platform).access[mode]?.calls(config as never) ?? null,
  consentOf: (platform) => platformOf(platform).tokens?.consent(ports.fetch, config as never) ?? null,
  metaSecret: (config as { INSTAGRAM_LOGIN_APP_SECRET?: string }).INSTAGRAM_LOGIN_APP_SECRET,
  dataKey: hasDataKey(config) ? openDataKey(ports, config) : null,
  post: openPost(ports, config),
  settings: {
    apiKey: config.API_KEY,
    callsPerMinute: config.API_CALLS_PER_MINUTE,
    lookBackDays: config.LOOK_BACK_DAYS,
    mlJobUsd: config.ML_JOB_USD,
    ml: { providers: providersOf(config), rules: config.ML_RULES },
    media: config.MEDIA_KEY ? { key: config.MEDIA_KEY, cdnUrl: config.MEDIA_CDN_URL } : null,
    callbackKeys: config.ML_CALLBACK_KEYS,
    traceUrl: config.TRACE_URL,
    agencyName: config.AGENCY_NAME,
    publicUrl: config.MEDIA_URL,
    consoleFolder: config.CONSOLE_FOLDER,
  },
})
