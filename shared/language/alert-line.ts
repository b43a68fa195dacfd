import type { Alert, AlertCause } from '../model/alert.ts'
import type { alerts } from './alerts.ts'
import type { endpoints } from './endpoints.ts'
import type { invariants } from './invariants.ts'
import { poolName } from './pool-name.ts'
import type { pools } from './pools.ts'
import type { KeyOf, Words } from './words.ts'

type AlertWords = Words<
  KeyOf<{
    readonly alerts: typeof alerts
    readonly endpoints: typeof endpoints
    readonly invariants: typeof invariants
    readonly pools: typeof pools
  }>
>

interface Reader {
  /** How a platform calls itself; another name is given back as it is. */
  readonly titleOf: (name: string) => string
  /** A time (ISO 8601) as the reader writes it. */
  readonly timeOf: (at: string) => string
}

/** What an alert is about, in one line. */
export function alertLine(
  { cause, details }: Pick<Alert, 'cause' | 'details'>,
  words: AlertWords,
  { titleOf, timeOf }: Reader,
): string {
  const { t, number } = words
  const { name, platform = '', reason, remedy, count = 0, at } = details
  return t(`alerts.${cause}_one`, {
    name: nameOf(cause, name, words, titleOf),
    platform: titleOf(platform),
    reason: reason
      ? [reason, ...(remedy ? [remedy] : [])].map(words.translated).join('. ')
      : t('alerts.refusedBy'),
    at: at ? timeOf(at) : t('alerts.never'),
    // As text: by a number forms are chosen.
    count: number(count),
  })
}

function nameOf(cause: AlertCause, name: string, words: AlertWords, titleOf: Reader['titleOf']): string {
  if (cause === 'quota_used_up') return poolName(name, words, titleOf)
  if (cause === 'checks_failed') return words.named('invariants', name)
  return cause === 'parked' ? words.named('alerts', name) : name
}
