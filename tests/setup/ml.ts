import type { PollDeps } from '#functions/poll/run.ts'
import type { SubmitDeps } from '#functions/submit/run.ts'
import type { MlProvider, Sending } from '#shared/ml/provider.ts'
import type { Planning } from '#shared/ml/rules.ts'
import type { MlRoute } from '#shared/model/ml-job.ts'

/** Texts and pictures, by one provider. */
export const planning: Planning = { kinds: ['text', 'image'], rules: [], isOutlasting: false }
export const routes: readonly MlRoute[] = [
  { kind: 'text', provider: 'ml', model: 'text-v1' },
  { kind: 'image', provider: 'ml', model: 'image-v1' },
]

const perMinute = (pool: string, limit: number) => ({ pool, limit, period: 'minute', zone: 'UTC' }) as const

/** What sending needs when that is the only provider. */
export const sendingTo = (
  provider: MlProvider,
  { perMinute: limit = 1_000_000_000, ...other }: Partial<Sending> & { readonly perMinute?: number } = {},
): Pick<SubmitDeps, 'senders' | 'routes'> => ({
  senders: [
    {
      ...{ name: 'ml', provider, window: perMinute('ml.submit', limit), attempts: 8 },
      deadlineMs: 7 * 86_400_000,
      ...other,
    },
  ],
  routes,
})

/** What asking needs when that is the only provider. */
export const asking = (provider: MlProvider): Pick<PollDeps, 'askers' | 'routes'> => ({
  routes,
  askers: [{ name: 'ml', provider, window: perMinute('ml.ask', 1_000_000_000) }],
})

/** Takes every job at once. */
export const taking: MlProvider = {
  idempotent: true,
  batchSize: 100,
  learnSize: () => undefined,
  callsFor: () => 1,
  isUp: async () => true,
  submit: async ({ key }) => ({ jobId: `j_${key.slice(0, 26)}`, afterMs: undefined }),
  ask: async () => new Map(),
}
