import type { Language } from '../language/accepted.ts'
import { alertLine } from '../language/alert-line.ts'
import { alerts as texts } from '../language/alerts.ts'
import { endpoints } from '../language/endpoints.ts'
import { invariants } from '../language/invariants.ts'
import { pools } from '../language/pools.ts'
import { type KeyOf, type Words, wordsIn } from '../language/words.ts'
import type { Alert, AlertCause, Channel } from '../model/alert.ts'
import { platforms } from '../platforms/registry.ts'

/** What one message is about. */
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

/** The words of messages about alerts. */
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

/** An alert in one line, its time in UTC. */
export const lineOf = (alert: Pick<Alert, 'cause' | 'details'>, words: AlertWords): string =>
  alertLine(alert, words, { titleOf, timeOf: (at) => timeOf(at, words.language) })

const timeOf = (at: string, language: Language) =>
  `${new Date(at).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })} UTC`
