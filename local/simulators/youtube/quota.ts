import type { SimAnswer } from '../server.ts'

export interface YoutubeLimits {
  readonly unitsPerDay: number
  /** Calls of videos:batchGetStats, a bucket of their own. */
  readonly statsCallsPerDay: number
  readonly callsPerMinute: number
}

/** The day of the quota: it begins at midnight in Los Angeles, summer and winter. */
const pacificDay = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Los_Angeles', dateStyle: 'short' })

/** Counts units per Pacific day and calls per minute, as the real project does; every request costs at least one. */
export function openQuota(limits: YoutubeLimits, now: () => Date) {
  let day = ''
  const spent = { general: 0, stats: 0 }
  let minute = 0
  let calls = 0
  return {
    /** The refusal, or undefined when the call may go on. */
    spend: (bucket: 'general' | 'stats'): SimAnswer | undefined => {
      const today = pacificDay.format(now())
      if (today !== day) Object.assign(spent, { general: 0, stats: 0 })
      day = today
      const thisMinute = Math.floor(now().getTime() / 60_000)
      if (thisMinute !== minute) [minute, calls] = [thisMinute, 0]
      const most = bucket === 'stats' ? limits.statsCallsPerDay : limits.unitsPerDay
      if (spent[bucket] + 1 > most) return exhausted
      if (calls + 1 > limits.callsPerMinute) return tooFast
      spent[bucket] += 1
      calls += 1
      return undefined
    },
    used: () => spent.general,
  }
}

export const exhausted: SimAnswer = {
  status: 403,
  body: {
    error: {
      code: 403,
      message:
        'The request cannot be completed because you have exceeded your <a href="/youtube/v3/getting-started#quota">quota</a>.',
      errors: [{ message: 'Quota exceeded.', domain: 'youtube.quota', reason: 'quotaExceeded' }],
    },
  },
}

export const tooFast: SimAnswer = {
  status: 429,
  body: {
    error: {
      code: 429,
      message: "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute'.",
      errors: [{ message: 'Too fast.', domain: 'global', reason: 'rateLimitExceeded' }],
      status: 'RESOURCE_EXHAUSTED',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: 'RATE_LIMIT_EXCEEDED',
          domain: 'googleapis.com',
          metadata: { quota_unit: '1/min/{project}', service: 'youtube.googleapis.com' },
        },
      ],
    },
  },
}
