import { httpProvider } from '../ml/http-provider.ts'
import type { Asking, Sending } from '../ml/provider.ts'
import type { QuotaWindow } from '../model/quota.ts'
import type { StageConfig } from './config.ts'
import type { Ports } from './ports.ts'

type MlConfig = Pick<
  StageConfig<'poll'>,
  | 'ML_URL'
  | 'ML_API_KEY'
  | 'ML_IDEMPOTENT'
  | 'ML_SUBMITS_PER_MINUTE'
  | 'ML_ASKS_PER_MINUTE'
  | 'ML_DEADLINE_HOURS'
  | 'ML_RETENTION_HOURS'
  | 'ML_SUBMIT_ATTEMPTS'
>

/** The ML provider that the settings name, which remembers what it learns of the other side; undefined: there is none. */
export function openMl(
  { fetch }: Ports,
  config: MlConfig,
): { readonly ask: Asking; readonly send: Sending } | undefined {
  if (config.ML_URL === undefined) return undefined
  const provider = httpProvider({
    fetch,
    baseUrl: config.ML_URL,
    apiKey: config.ML_API_KEY,
    idempotent: config.ML_IDEMPOTENT,
  })
  return {
    ask: { provider, window: perMinute('ml.ask', config.ML_ASKS_PER_MINUTE) },
    send: {
      provider,
      window: perMinute('ml.submit', config.ML_SUBMITS_PER_MINUTE),
      attempts: config.ML_SUBMIT_ATTEMPTS,
      deadlineMs: deadlineHours(config) * 3_600_000,
    },
  }
}

/** The pool of these calls is the circuit breaker of making them. */
const perMinute = (pool: string, limit: number): QuotaWindow => ({
  ...{ pool, limit },
  period: 'minute',
  zone: 'UTC',
})

/** A job is given up a day before its result would be thrown away; results are not waited for beyond that. */
function deadlineHours({ ML_DEADLINE_HOURS, ML_RETENTION_HOURS }: MlConfig): number {
  return Math.min(ML_DEADLINE_HOURS, (ML_RETENTION_HOURS ?? Number.POSITIVE_INFINITY) - 24)
}
