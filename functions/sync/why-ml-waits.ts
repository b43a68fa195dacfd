import type { MlJobLine } from '#shared/db/views/ml-job-list.ts'
import type { PoolHeld } from '#shared/db/views/ml-summary.ts'
import type { ProviderSetting } from '#shared/ml/settings.ts'
import type { ApiWords } from './language.ts'

/** Why an open ML job has no result yet, in words; null for one that is not open. Pure. */
export function whyMlWaits(
  job: Pick<MlJobLine, 'provider' | 'status' | 'due_at' | 'error_code'>,
  held: readonly PoolHeld[],
  providers: readonly ProviderSetting[],
  now: Date,
  { t, named }: ApiWords,
): string | null {
  const { provider, status, due_at, error_code } = job
  if (!['planned', 'submitting', 'submitted'].includes(status)) return null
  const setting = providers.find(({ name }) => name === provider)
  if (!setting) return t(status === 'submitted' ? 'mlWaits.unsetSubmitted' : 'mlWaits.unset', { provider })
  const until = (pool: string) => held.find((one) => one.pool === `${provider}.${pool}`)?.until.toISOString()
  if (status === 'submitted') {
    const at = until('ask')
    return at ? t('mlWaits.notAsked', { provider, at }) : t('mlWaits.works')
  }
  const paused = until('submit')
  if (paused) return t('mlWaits.notSent', { provider, at: paused })
  const tomorrow = until('day')
  if (tomorrow) return t('mlWaits.dayIsSpent', { provider, at: tomorrow })
  if (error_code !== null && due_at !== null && due_at > now)
    return t('mlWaits.again', { cause: named('causes', error_code) })
  if (setting.type === 'ai-studio-batch') return t('mlWaits.others')
  return t(status === 'submitting' ? 'mlWaits.beingSent' : 'mlWaits.nextTick')
}
