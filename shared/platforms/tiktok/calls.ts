import type { QuotaNeed } from '../../model/quota.ts'
import { type Calls, pagesOf, type WalkSize } from '../calls.ts'
import { beginning, windowDays } from './research-windows.ts'

/** No end of the list is documented; a hundred thousand videos are enough (TikTok Display API). */
const listCap = 100_000

/** At most 20 videos a page (TikTok Display API). */
export const displayPage = 20

/** Calls of the Display API: each endpoint has a minute of its own, for all tokens together. */
export function displayCalls(limits: { readonly callsPerMinute: number }): Calls {
  return {
    profiles: { endpoint: 'user.info', size: 1, need: () => minuteOf(limits, 'user') },
    list: {
      endpoint: 'video.list',
      size: displayPage,
      need: () => minuteOf(limits, 'list'),
      isBegunByProfile: false,
      cap: listCap,
      pages: (walk) => pagesOf(walk, displayPage),
    },
    posts: null,
  }
}

/** Their window slides; two of ours side by side hold no more than one of theirs when each holds half. */
export function minuteOf(
  { callsPerMinute }: { readonly callsPerMinute: number },
  endpoint: string,
): QuotaNeed {
  const limit = Math.max(1, Math.floor(callsPerMinute / 2))
  return { units: 1, windows: [{ pool: `tiktok.${endpoint}.minute`, limit, period: 'minute', zone: 'UTC' }] }
}

/** With 1,000 calls a day no more than the 100,000 records that a day may have (TikTok Research API). */
export const researchPage = 100

export interface ResearchLimits {
  /** 1,000 a day in UTC, unless TikTok granted more (TikTok Research API). */
  readonly callsPerDay: number
  /** Nothing older is asked for: a walk over everything takes a call for each 30 days since. Absent: since TikTok began. */
  readonly since?: Date | undefined
}

/** Calls of the Research API, all from one day. */
export function researchCalls({ callsPerDay, since }: ResearchLimits): Calls {
  const need = (): QuotaNeed => ({
    units: 1,
    windows: [{ pool: 'tiktok.research.day', limit: callsPerDay, period: 'day', zone: 'UTC' }],
  })
  return {
    profiles: { endpoint: 'research.user', size: 1, need },
    list: {
      endpoint: 'research.videos',
      size: researchPage,
      need,
      isBegunByProfile: false,
      cap: listCap,
      pages: (walk) => researchPages(walk, since ?? beginning),
    },
    posts: null,
  }
}

/** A call for each window of days, and further ones where a window has more posts than a page. */
function researchPages({ wanted, now, since }: WalkSize, earliest: Date): number {
  const days = (now.getTime() - (since ?? earliest).getTime()) / 86_400_000
  return Math.max(1, Math.ceil(days / windowDays)) + Math.floor(wanted / researchPage)
}
