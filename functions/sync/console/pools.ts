import type { Key } from '#shared/language/catalogue.ts'
import { named, t } from './language.ts'
import { platforms, titleOf } from './platforms.ts'

const periods = ['minute', 'hour', 'day'] as const
const known = ['general', 'stats', 'app', 'research', 'submit', 'ask'] as const

/** What a limited right to call is, in words: `youtube.general.day` is "YouTube, units a day". */
export function poolName(pool: string): string {
  const [owner = '', what = '', ...rest] = pool.split('.')
  const period = periods.find((one) => one === rest.at(-1))
  const isPlatform = platforms.some(({ name }) => name === owner)
  const of = isPlatform ? titleOf(owner) : owner
  return t('pools.of', {
    platform: of,
    what: whatOf(what, rest.slice(0, period ? -1 : undefined)),
    period: period ? t(`pools.${period}` as Key) : '',
  }).trim()
}

function whatOf(what: string, rest: readonly string[]): string {
  if (what === 'account') return t('pools.account', { name: rest.join('.') })
  const name = known.find((one) => one === what)
  if (name) return t(`pools.${name}`)
  return t('pools.calls', { what: named('endpoints', [what, ...rest].join('_')) })
}
