import type { MlJobLine } from '#shared/db/views/ml-job-list.ts'
import type { PoolHeld } from '#shared/db/views/ml-summary.ts'
import type { ProviderSetting } from '#shared/ml/settings.ts'

/** Why an open ML job has no result yet, in words; null for one that is not open. Pure. */
export function whyMlWaits(
  job: Pick<MlJobLine, 'provider' | 'status' | 'due_at' | 'error_code'>,
  held: readonly PoolHeld[],
  providers: readonly ProviderSetting[],
  now: Date,
): string | null {
  const { provider, status, due_at, error_code } = job
  if (!['planned', 'submitting', 'submitted'].includes(status)) return null
  const setting = providers.find(({ name }) => name === provider)
  if (!setting)
    return status === 'submitted'
      ? `no provider ${provider} is in the settings: it ends at its deadline, unless one is by then`
      : `no provider ${provider} is in the settings: it waits until one does jobs of its kind`
  const at = (pool: string) => held.find((one) => one.pool === `${provider}.${pool}`)?.until
  if (status === 'submitted') {
    const until = at('ask')
    if (until)
      return `${provider} is not asked until ${until.toISOString()}: it was away, or asked for a pause`
    return 'its provider works on it'
  }
  const until = at('submit')
  if (until)
    return `nothing is sent to ${provider} until ${until.toISOString()}: it was away, or asked for a pause`
  const tomorrow = at('day')
  if (tomorrow)
    return `what may be sent to ${provider} in a day is sent: it goes on at ${tomorrow.toISOString()}`
  if (error_code !== null && due_at !== null && due_at > now) return `it is tried again after: ${error_code}`
  if (setting.type === 'ai-studio-batch') return 'it waits for others of its run'
  return status === 'submitting' ? 'it is being sent' : 'it is sent with the next tick'
}
