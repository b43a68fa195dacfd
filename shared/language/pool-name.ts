import type { endpoints } from './endpoints.ts'
import type { pools } from './pools.ts'
import type { KeyOf, Words } from './words.ts'

const periods = ['minute', 'hour', 'day'] as const
const known = ['general', 'stats', 'app', 'research', 'submit', 'ask'] as const

type PoolWords = Words<KeyOf<{ readonly pools: typeof pools; readonly endpoints: typeof endpoints }>>

/**
 * What a limited right to call is, in words: `youtube.general.day` is "YouTube, units a day".
 *
 * @param titleOf how a platform calls itself; another name is given back as it is
 */
export function poolName(pool: string, words: PoolWords, titleOf: (name: string) => string): string {
  const [owner = '', what = '', ...rest] = pool.split('.')
  const period = periods.find((one) => one === rest.at(-1))
  return words
    .t('pools.of', {
      platform: titleOf(owner),
      what: whatOf(what, rest.slice(0, period ? -1 : undefined), words),
      period: period ? words.t(`pools.${period}`) : '',
    })
    .trim()
}

function whatOf(what: string, rest: readonly string[], { t, named }: PoolWords): string {
  if (what === 'account') return t('pools.account', { name: rest.join('.') })
  const name = known.find((one) => one === what)
  if (name) return t(`pools.${name}`)
  return t('pools.calls', { what: named('endpoints', [what, ...rest].join('_')) })
}
