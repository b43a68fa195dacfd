import type { Language } from '../language/accepted.ts'
import { alerts as texts } from '../language/alerts.ts'
import { endpoints } from '../language/endpoints.ts'
import { invariants } from '../language/invariants.ts'
import { poolName } from '../language/pool-name.ts'
import { pools } from '../language/pools.ts'
import { type KeyOf, type Words, wordsIn } from '../language/words.ts'
import type { Alert, AlertCause, Channel } from '../model/alert.ts'
import { platforms } from '../platforms/registry.ts'

/** What is told in one message. */
export interface Telling {
  /** By which a receiver knows a message that it has already. */
  readonly key: string
  readonly at: Date
  readonly cause: AlertCause | 'test'
  readonly fired: readonly Alert[]
  readonly over: readonly Alert[]
  /** Where a person looks. undefined: the settings do not say. */
  readonly url: string | undefined
}

/** A message to a person: one line as its title, and what it says. */
export interface Written {
  readonly title: string
  readonly text: string
}

/** Alerts of one sort that are named; of the rest their number. */
const mostNamed = 20

const all = { alerts: texts, endpoints, invariants, pools }
type AlertWords = Words<KeyOf<typeof all>>

/** The words that alerts are told in. */
export const alertWords = (language: Language): AlertWords => wordsIn(language, all)

/** Writes a message in the language of its channel, times in UTC. */
export function write(telling: Telling, language: Channel['language']): Written {
  const words = alertWords(language)
  const { t } = words
  if (telling.cause === 'test') return { title: t('alerts.test'), text: t('alerts.testSays') }
  const title = t(`alerts.${telling.cause}`)
  const { fired, over, url } = telling
  const lines = [
    ...listed(fired, words),
    ...(fired.length > 0 && over.length > 0 ? ['', t('alerts.nowOver')] : []),
    ...listed(over, words),
    ...(url === undefined ? [] : ['', t('alerts.look', { url })]),
  ]
  return {
    title: t(fired.length > 0 ? 'alerts.firing' : 'alerts.over', { title }),
    text: lines.join('\n'),
  }
}

function listed(alerts: readonly Alert[], words: AlertWords): string[] {
  const more = alerts.length - mostNamed
  return [
    ...alerts.slice(0, mostNamed).map((alert) => `- ${lineOf(alert, words)}`),
    ...(more > 0 ? [words.t('alerts.andMore', { number: words.number(more) })] : []),
  ]
}

const titleOf = (name: string): string => platforms.find((one) => one.name === name)?.title ?? name

function nameOf(cause: AlertCause, name: string, words: AlertWords): string {
  if (cause === 'quota_used_up') return poolName(name, words, titleOf)
  if (cause === 'checks_failed') return words.named('invariants', name)
  return cause === 'parked' ? words.named('alerts', name) : name
}

/** An alert in one line. */
export function lineOf({ cause, details }: Alert, words: AlertWords): string {
  const { t, number, language } = words
  const { name, platform = '', reason, count = 0, at } = details
  const time = at
    ? `${new Date(at).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })} UTC`
    : t('alerts.never')
  // Not as `count`, by which forms are chosen.
  return t(`alerts.${cause}_one`, {
    name: nameOf(cause, name, words),
    platform: titleOf(platform),
    reason: reason ?? t('alerts.refusedBy'),
    at: time,
    count: number(count),
  })
}
