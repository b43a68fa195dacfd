import type { QuotaNeed } from '../../model/quota.ts'
import { type CallShape, type Calls, pagesOf } from '../calls.ts'

export interface YoutubeLimits {
  readonly unitsPerDay: number
  /** Calls for numbers alone, which have a bucket of their own. */
  readonly statsCallsPerDay: number
  readonly callsPerMinute: number
}

/** Uploads lists end at about 20,000 entries (YouTube Data API, as recorded). */
const listCap = 20_000

/** At most 50 ids a call and 50 entries a page (YouTube Data API). */
export const batchSize = 50

/** Calls of the Data API; each takes one unit of the day. */
export function youtubeCalls(limits: YoutubeLimits): Calls & { readonly posts: CallShape } {
  const need = () => needOf(limits, 'youtube.general.day', limits.unitsPerDay)
  return {
    profiles: { endpoint: 'channels', size: batchSize, need },
    list: {
      endpoint: 'playlistItems',
      size: batchSize,
      need,
      isBegunByProfile: false,
      cap: listCap,
      pages: (walk) => pagesOf(walk, batchSize),
    },
    posts: { endpoint: 'videos', size: batchSize, need },
  }
}

/** Numbers alone, from a bucket of their own. */
export const statsCalls = (limits: YoutubeLimits): CallShape => ({
  endpoint: 'stats',
  size: batchSize,
  need: () => needOf(limits, 'youtube.stats.day', limits.statsCallsPerDay),
})

const needOf = ({ callsPerMinute }: YoutubeLimits, pool: string, limit: number): QuotaNeed => ({
  units: 1,
  windows: [
    { pool, limit, period: 'day', zone: 'America/Los_Angeles' },
    { pool: 'youtube.general.minute', limit: callsPerMinute, period: 'minute', zone: 'UTC' },
  ],
})
