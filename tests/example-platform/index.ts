import * as z from 'zod'
import type { QuotaNeed } from '#shared/model/quota.ts'
import { type Calls, pagesOf } from '#shared/platforms/calls.ts'
import { definePlatform } from '#shared/platforms/definition.ts'
import { ascii, textRules } from '#shared/platforms/text/rules.ts'
import { postcardConnector } from './connector.ts'
import { read } from './read.ts'

const planning = { POSTCARDS_CALLS_PER_MINUTE: z.coerce.number().int().positive().default(600) }

/** Cards of a page. */
const page = 10

const postcardCalls = (callsPerMinute: number): Calls => {
  const need = (): QuotaNeed => ({
    units: 1,
    windows: [{ pool: 'postcards.minute', limit: callsPerMinute, period: 'minute', zone: 'UTC' }],
  })
  return {
    profiles: { endpoint: 'user', size: 1, need },
    list: {
      ...{ endpoint: 'cards', size: page, need, isBegunByProfile: false, cap: 5_000 },
      pages: (walk) => pagesOf(walk, page),
    },
    posts: null,
  }
}

/** A platform of our own making: users and their cards, open to everyone. */
export const postcards = definePlatform({
  name: 'postcards',
  title: 'Postcards',
  appRemedy: 'look at the app of Postcards',
  handles: {
    pattern: /^@?[a-z]{2,20}$/,
    says: 'a handle has 2 to 20 letters of a to z',
    isNativeId: (name) => /^u\d+$/.test(name),
    page: { host: /^postcards\.com$/, path: /^\/([a-z]+)\/?$/ },
    others: [{ address: /\/card\//, says: 'a card' }],
  },
  pictureRule: { isCopied: false, mostDays: 0 },
  pictureHosts: ['postcards.example'],
  text: textRules([{ body: '[a-z]{2,20}', own: ascii }], {
    chainsTags: false,
    fold: (bare) => bare.toLowerCase(),
    namesWithoutSign: false,
  }),
  reading: { ...planning, POSTCARDS_API_URL: z.url() },
  planning,
  renewing: {},
  connecting: {},
  access: {
    public_key: {
      token: null,
      connector: ({ fetch, settings }) =>
        postcardConnector({
          fetch,
          baseUrl: settings.POSTCARDS_API_URL,
          calls: postcardCalls(settings.POSTCARDS_CALLS_PER_MINUTE),
        }),
      calls: (settings) => postcardCalls(settings.POSTCARDS_CALLS_PER_MINUTE),
    },
  },
  openAccess: () => 'public_key',
  read,
  scrub: (body) => body,
  tokens: null,
})
