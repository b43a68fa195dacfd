import { providersOf, routesOf } from '../ml/configured.ts'
import type { Asking, Sending } from '../ml/provider.ts'
import type { Planning } from '../ml/rules.ts'
import { deadlineMs, jobsADay, type ProviderSetting } from '../ml/settings.ts'
import type { MlRoute } from '../model/ml-job.ts'
import type { QuotaWindow } from '../model/quota.ts'
import type { StageConfig } from './config.ts'
import { mediaDoor } from './media.ts'
import type { Ports } from './ports.ts'
import { openProvider, type ProviderConfig } from './providers.ts'

type MlConfig = ProviderConfig & Pick<StageConfig<'poll'>, 'ML_PROVIDERS'>

type MediaConfig = Pick<StageConfig<'poll'>, 'MEDIA_MODE' | 'MEDIA_URL' | 'MEDIA_KEY'>

/** The ML providers that the settings name, which remember what they learn of the other side. */
export interface Ml {
  readonly askers: readonly Asking[]
  readonly senders: readonly Sending[]
  readonly routes: readonly MlRoute[]
}

/** Throws for a provider that has no address. */
export function openMl(ports: Ports, config: MlConfig): Ml {
  const providers = providersOf(config)
  const opened = providers.map((setting) => ({ setting, provider: openProvider(ports, config, setting) }))
  return {
    askers: opened.map(({ setting: { name, asks_per_minute }, provider }) => ({
      ...{ name, provider, window: windowOf(`${name}.ask`, asks_per_minute) },
    })),
    senders: opened.map(({ setting, provider }) => senderOf(setting, provider)),
    routes: providers.flatMap(routesOf),
  }
}

/** What is planned where these providers do the jobs. null: nothing. */
export function planningOf(
  config: Pick<MlConfig, 'ML_URL' | 'ML_PROVIDERS'> &
    MediaConfig &
    Pick<StageConfig<'transform'>, 'ML_RULES'>,
): Planning | null {
  const kinds = providersOf(config).flatMap((setting) => routesOf(setting).map(({ kind }) => kind))
  if (kinds.length === 0) return null
  const isCopied = config.MEDIA_MODE === 'copy'
  return {
    kinds,
    rules: config.ML_RULES,
    isOutlasting: isCopied || mediaDoor(config) !== undefined,
    isCopied,
  }
}

function senderOf(setting: ProviderSetting, provider: Sending['provider']): Sending {
  const { name, submits_per_minute, attempts, usd } = setting
  const most = jobsADay(setting)
  return {
    ...{ name, provider, attempts, deadlineMs: deadlineMs(setting), usd },
    window: windowOf(`${name}.submit`, submits_per_minute),
    daily: most === undefined ? undefined : windowOf(`${name}.day`, most, 'day'),
  }
}

/** The pool of calls a minute is the circuit breaker of making them. */
const windowOf = (pool: string, limit: number, period: 'minute' | 'day' = 'minute'): QuotaWindow => ({
  ...{ pool, limit, period },
  zone: 'UTC',
})
