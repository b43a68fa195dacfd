import { claimToSubmit, replaceLost, saveSubmits } from '#shared/db/ml-submits.ts'
import {
  blockPool,
  closePool,
  type ReservedWindow,
  reserveQuota,
  wasBlocked,
} from '#shared/db/quota-windows.ts'
import { httpProvider } from '#shared/ml/http-provider.ts'
import type { MlProvider, MlRequest } from '#shared/ml/provider.ts'
import { type SubmitDeps, submitPlanned } from '#shared/ml/submit.ts'
import type { QuotaWindow } from '#shared/model/quota.ts'
import { currentTraceparent, inSpan } from '#shared/telemetry/span.ts'
import type { Config } from './config.ts'
import type { Ports } from './ports.ts'

type MlConfig = Pick<
  Config<'poll'>,
  | 'ML_URL'
  | 'ML_API_KEY'
  | 'ML_IDEMPOTENT'
  | 'ML_SUBMITS_PER_MINUTE'
  | 'ML_ASKS_PER_MINUTE'
  | 'ML_DEADLINE_HOURS'
  | 'ML_RETENTION_HOURS'
  | 'ML_SUBMIT_ATTEMPTS'
>

const perMinute = (pool: string, limit: number): QuotaWindow => ({
  pool,
  limit,
  period: 'minute',
  zone: 'UTC',
})

/** Calls that ask about jobs; their pool is the circuit breaker of asking. */
export const askWindow = (config: MlConfig): QuotaWindow => perMinute('ml.ask', config.ML_ASKS_PER_MINUTE)

/** A job is given up a day before its result would be thrown away; results are not waited for beyond that. */
function deadlineHours({ ML_DEADLINE_HOURS, ML_RETENTION_HOURS }: MlConfig): number {
  return Math.min(ML_DEADLINE_HOURS, (ML_RETENTION_HOURS ?? Number.POSITIVE_INFINITY) - 24)
}

/** One per instance of a function: a provider remembers what it has learnt of the other side. */
const providers = new WeakMap<Ports, MlProvider>()

/** The provider named by the settings; undefined: there is none. */
export function mlProvider(ports: Ports, config: MlConfig): MlProvider | undefined {
  if (config.ML_URL === undefined) return undefined
  const known = providers.get(ports)
  if (known) return known
  const provider = traced(
    httpProvider({
      fetch: ports.fetch,
      baseUrl: config.ML_URL,
      apiKey: config.ML_API_KEY,
      idempotent: config.ML_IDEMPOTENT,
    }),
  )
  providers.set(ports, provider)
  return provider
}

/** Sending a job is a span in the trace of the sync that planned it; the provider is told. */
function traced(provider: MlProvider): MlProvider {
  // Not copied: what it learns of sizes is read from itself.
  return Object.assign(Object.create(provider) as MlProvider, {
    submit: (request: MlRequest) =>
      inSpan(
        'ML submit',
        {
          parent: request.traceparent,
          links: [currentTraceparent()],
          attributes: { 'social_sync.ml.kind': request.kind, 'social_sync.ml.model': request.model },
        },
        (span) => provider.submit({ ...request, traceparent: span.traceparent }),
      ),
  })
}

/** Sends planned jobs while there is time; returns those that failed for good. Without a provider nothing is sent. */
export async function submitPlannedJobs(
  ports: Ports,
  config: MlConfig,
  timeLeft: () => boolean,
): Promise<string[]> {
  const provider = mlProvider(ports, config)
  return provider ? submitPlanned(mlDeps(ports, config, provider), timeLeft) : []
}

/** What sending needs, over the database and the provider. */
function mlDeps(ports: Ports, config: MlConfig, provider: MlProvider): SubmitDeps {
  const window = perMinute('ml.submit', config.ML_SUBMITS_PER_MINUTE)
  let reserved: ReservedWindow | undefined
  return {
    provider,
    claim: (limit) => claimToSubmit(ports.db, Math.min(limit, config.ML_SUBMITS_PER_MINUTE)),
    reserve: async (units) => {
      const reservation = await reserveQuota(ports.db, { units, windows: [window] }, 'ad-hoc')
      if (reservation.granted) reserved = reservation.windows[0]
      return reservation.granted
    },
    wasClosed: () => wasBlocked(ports.db, window),
    save: (sent) => saveSubmits(ports.db, sent),
    replaceLost: (jobs) => replaceLost(ports.db, jobs),
    pause: (forMs) => (reserved ? blockPool(ports.db, reserved, forMs) : closePool(ports.db, window, forMs)),
    attempts: config.ML_SUBMIT_ATTEMPTS,
    deadlineMs: deadlineHours(config) * 3_600_000,
    random: ports.random,
  }
}
