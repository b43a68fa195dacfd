import { accountPool, type QuotaNeed } from '../../model/quota.ts'
import { type Calls, pagesOf } from '../calls.ts'

/** Their own count corrects ours after each answer; we stop at nine tenths (Graph API rate limits). */
const hourOf = (pool: string, callsPerHour: number): QuotaNeed => ({
  units: 1,
  windows: [
    { pool, limit: Math.max(1, Math.floor(callsPerHour * 0.9)), period: 'rolling hour', zone: 'UTC' },
  ],
})

export const appPool = 'instagram.app.hour'

/** Only the latest 10,000 media are listed (Instagram API). */
const listCap = 10_000

/** 50 media a page are known to work (Instagram Business Discovery). */
export const discoveryPage = 50

/**
 * Calls of the app whose shared token looks others up. What lanes leave to each other below the limit is the slowing
 * down that Instagram asks for.
 */
export function discoveryCalls({ callsPerHour }: { readonly callsPerHour: number }): Calls {
  const need = () => hourOf(appPool, callsPerHour)
  return {
    profiles: { endpoint: 'discovery', size: 1, need },
    list: {
      endpoint: 'discovery.media',
      size: discoveryPage,
      need,
      isBegunByProfile: true,
      cap: listCap,
      pages: (walk) => pagesOf(walk, discoveryPage),
    },
    posts: null,
  }
}

/** 100 is the most of a page (Instagram API). */
export const ownPage = 100

/** Calls by the token of an owner: each account has an allowance of its own. */
export function ownCalls({ callsPerHour }: { readonly callsPerHour: number }): Calls {
  const need: Calls['list']['need'] = (subject) => hourOf(ownPool(subject), callsPerHour)
  return {
    profiles: { endpoint: 'user', size: 1, need },
    list: {
      endpoint: 'media',
      size: ownPage,
      need,
      isBegunByProfile: false,
      cap: listCap,
      pages: (walk) => pagesOf(walk, ownPage),
    },
    posts: null,
  }
}

export const ownPool: (subject: Parameters<Calls['list']['need']>[0]) => string = (subject) =>
  `${accountPool('instagram', subject?.native_id ?? subject?.handle ?? 'me')}.hour`
