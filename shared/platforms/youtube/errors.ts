import * as z from 'zod'
import { retryAfterMs } from '../../http/retry-after.ts'
import { jsonOf } from '../../model/json.ts'
import { type Refusal, type Row, verdictBy } from '../verdicts.ts'

/** The error envelope; `status` and `details` are optional (YouTube errors). */
const ErrorBody = z.object({
  error: z.object({
    message: z.string().default(''),
    errors: z
      .array(z.object({ reason: z.string().default(''), location: z.string().default('') }))
      .default([]),
    details: z
      .array(
        z.object({ reason: z.string().optional(), metadata: z.record(z.string(), z.string()).optional() }),
      )
      .default([]),
  }),
})

interface Fault extends Refusal {
  /** `errors[].reason` and `details[].reason`. */
  readonly reasons: readonly string[]
  /** Which parameters are refused. */
  readonly locations: readonly string[]
  /** `1/d/{project}` or `1/min/{project}`, where a quota names its unit. */
  readonly quotaUnit: string
}

const has =
  (status: number, ...reasons: readonly string[]) =>
  (fault: Fault) =>
    fault.status === status && fault.reasons.some((reason) => reasons.includes(reason))

/** Reasons by which Google says that the key, its project or its billing is at fault, whatever the general word. */
const ofTheApp = /^(API_KEY_|CONSUMER_|SERVICE_|BILLING_|ACCOUNT_STATE_INVALID$)/

const isOfDay = ({ status, reasons, quotaUnit }: Fault) =>
  quotaUnit.startsWith('1/d') &&
  (status === 429 || status === 403) &&
  reasons.some((reason) => /rate_?limit|quota/i.test(reason))

const source = 'https://developers.google.com/youtube/v3/docs/errors'
const detailSource = 'https://github.com/googleapis/googleapis/blob/master/google/api/error_reason.proto'

/** The error table of YouTube: details decide before general words. */
export const errorTable: readonly Row<Fault>[] = [
  {
    when: '4xx with a detail `API_KEY_*`, `CONSUMER_*`, `SERVICE_*`, `BILLING_*`, `ACCOUNT_STATE_INVALID`',
    is: ({ status, reasons }) => status < 500 && reasons.some((reason) => ofTheApp.test(reason)),
    kind: 'app',
    source: detailSource,
  },
  {
    when: '403 `quotaExceeded`, `dailyLimitExceeded`',
    is: has(403, 'quotaExceeded', 'dailyLimitExceeded'),
    kind: 'quota',
    source,
  },
  { when: '403, 429 of a quota whose unit is the day', is: isOfDay, kind: 'quota', source: detailSource },
  {
    when: '403, 429 `rateLimitExceeded`, `userRateLimitExceeded`, `RATE_LIMIT_EXCEEDED`',
    is: (fault) =>
      [403, 429].some((status) =>
        has(status, 'rateLimitExceeded', 'userRateLimitExceeded', 'RATE_LIMIT_EXCEEDED')(fault),
      ),
    kind: 'rate',
    source,
  },
  { when: '400 `keyInvalid`, `keyExpired`', is: has(400, 'keyInvalid', 'keyExpired'), kind: 'app', source },
  {
    when: '403 `accessNotConfigured`, `ipRefererBlocked`',
    is: has(403, 'accessNotConfigured', 'ipRefererBlocked'),
    kind: 'app',
    source,
  },
  { when: '401', is: ({ status }) => status === 401, kind: 'app', source },
  {
    when: '403 `channelSuspended`, `authenticatedUserAccountSuspended`',
    is: has(403, 'channelSuspended', 'authenticatedUserAccountSuspended'),
    kind: 'suspended',
    source,
  },
  {
    when: '403 `channelClosed`, `authenticatedUserAccountClosed`, `accountClosed`',
    is: has(403, 'channelClosed', 'authenticatedUserAccountClosed', 'accountClosed'),
    kind: 'closed',
    source,
  },
  {
    when: '403 `insufficientPermissions`, `channelForbidden`, `playlistItemsNotAccessible`',
    is: has(403, 'insufficientPermissions', 'channelForbidden', 'playlistItemsNotAccessible'),
    kind: 'denied',
    source,
  },
  {
    when: 'any other 403, such as a bare `forbidden`',
    is: ({ status }) => status === 403,
    kind: 'bare',
    source,
  },
  { when: '404', is: ({ status }) => status === 404, kind: 'missing', source },
  {
    when: '400 `invalidPageToken`, or any about the parameter `pageToken`',
    is: (fault) =>
      has(400, 'invalidPageToken')(fault) || (fault.status === 400 && fault.locations.includes('pageToken')),
    kind: 'place',
    source,
  },
  {
    when: '400 `invalidFilters`, `incompatibleParameters`, `missingRequiredParameter`, `unexpectedParameter`, `unknownPart`',
    is: has(
      400,
      ...['invalidFilters', 'incompatibleParameters', 'missingRequiredParameter', 'unexpectedParameter'],
      'unknownPart',
    ),
    kind: 'bug',
    source,
  },
  { when: '429', is: ({ status }) => status === 429, kind: 'rate', source },
  { when: '5xx', is: ({ status }) => status >= 500, kind: 'transient', source },
  { when: 'anything else', is: () => true, kind: 'unknown', source: 'ours' },
]

/** What to do when the app is at fault. */
export const appRemedy =
  'check YOUTUBE_API_KEY: that it exists, its restrictions (address, referrer, API), that the YouTube Data API is enabled in its project, and the billing of that project'

/** The verdict on an answer that is no 200. */
export function verdictOf(status: number, headers: Headers, text: string): Error {
  return verdictBy(errorTable, readFault(status, headers, text))
}

/** What an answer that is no 200 says, read for the table. */
export function readFault(status: number, headers: Headers, text: string): Fault {
  const { error } = ErrorBody.safeParse(jsonOf(text)).data ?? {
    error: { message: `HTTP ${status}`, errors: [], details: [] },
  }
  // What details say is more particular than the general word.
  const reasons = [...error.details, ...error.errors].flatMap((entry) => (entry.reason ? [entry.reason] : []))
  return {
    platform: 'YouTube',
    status,
    reasons,
    code: reasons[0] ?? String(status),
    text: `${reasons.join(' ') || status}, ${error.message.replace(/<[^>]*>/g, '').slice(0, 200)}`,
    locations: error.errors.map(({ location }) => location),
    quotaUnit:
      error.details.find((detail) => detail.metadata?.['quota_unit'])?.metadata?.['quota_unit'] ?? '',
    afterMs: retryAfterMs(headers),
  }
}
