import * as z from 'zod'
import { AccountGone, CursorRefused, RetryableError, TerminalError } from '../../errors.ts'
import { retryAfterMs } from '../../http/retry-after.ts'

/** The error envelope; `status` and `details` are optional (platform-apis 1.5). */
const ErrorBody = z.object({
  error: z.object({
    message: z.string().default(''),
    errors: z.array(z.object({ reason: z.string().default('') })).default([]),
    details: z
      .array(
        z.object({ reason: z.string().optional(), metadata: z.record(z.string(), z.string()).optional() }),
      )
      .default([]),
  }),
})

type Fault = {
  status: number
  reasons: ReadonlySet<string>
  text: string
  quotaUnit: string
  afterMs: number | undefined
}
type Verdict = (fault: Fault) => Error

const day: Verdict = ({ text }) =>
  new RetryableError(`YouTube quota is used up: ${text}`, { scope: 'window', reason: 'quota' })
const rate: Verdict = ({ text, afterMs }) =>
  new RetryableError(`YouTube asks to slow down: ${text}`, {
    scope: 'pool',
    reason: 'rate',
    afterMs: afterMs ?? 60_000,
  })
const credential: Verdict = ({ text }) =>
  new RetryableError(`YouTube refuses the API key: ${text}`, {
    scope: 'pool',
    reason: 'credential',
    afterMs: 3_600_000,
  })
const denied: Verdict = ({ text }) => new AccountGone(`YouTube denies access: ${text}`, 'private')
const suspended: Verdict = ({ text }) => new AccountGone(`the channel is suspended: ${text}`, 'suspended')
const closed: Verdict = ({ text }) => new AccountGone(`the channel is closed: ${text}`, 'closed')
const refused: Verdict = ({ text }) =>
  new CursorRefused(`YouTube refuses the page token: ${text}`, { reason: 'cursor' })
const missing: Verdict = ({ text }) =>
  new TerminalError(`YouTube does not find it: ${text}`, { reason: 'missing' })
const bug: Verdict = ({ text }) =>
  new TerminalError(`YouTube refuses the request: ${text}`, { reason: 'bug' })
const transient: Verdict = ({ status, afterMs }) =>
  new RetryableError(`YouTube answered ${status}`, { reason: 'platform', afterMs })

/** The error table of platform-apis 1.5: status (0: any), reasons, verdict; the first row that fits decides. */
const table: readonly (readonly [status: number, reasons: readonly string[], Verdict])[] = [
  [403, ['quotaExceeded', 'dailyLimitExceeded'], day],
  [
    429,
    ['rateLimitExceeded', 'RATE_LIMIT_EXCEEDED'],
    (fault) => (fault.quotaUnit.startsWith('1/d') ? day : rate)(fault),
  ],
  [403, ['rateLimitExceeded', 'userRateLimitExceeded'], rate],
  [400, ['keyInvalid', 'keyExpired', 'API_KEY_INVALID'], credential],
  [
    403,
    ['accessNotConfigured', 'SERVICE_DISABLED', 'API_KEY_SERVICE_BLOCKED', 'ipRefererBlocked'],
    credential,
  ],
  [401, [], credential],
  [403, ['channelSuspended', 'authenticatedUserAccountSuspended'], suspended],
  [403, ['channelClosed', 'authenticatedUserAccountClosed', 'accountClosed'], closed],
  [403, ['insufficientPermissions', 'forbidden', 'channelForbidden', 'playlistItemsNotAccessible'], denied],
  // Calls with a key are refused so from some shared addresses: about us, not about the account (platform-apis 1).
  [403, [], credential],
  [404, [], missing],
  [400, ['invalidPageToken'], refused],
  [400, [], bug],
  [429, [], rate],
]

/** The verdict on an answer that is no 200; reads `errors[].reason` and `details[].reason`. */
export function verdictOf(status: number, headers: Headers, text: string): Error {
  const fault = readFault(status, headers, text)
  const row = table.find(
    ([at, reasons]) =>
      at === status && (reasons.length === 0 || reasons.some((reason) => fault.reasons.has(reason))),
  )
  return (row?.[2] ?? (status >= 500 ? transient : bug))(fault)
}

function readFault(status: number, headers: Headers, text: string): Fault {
  const { error } = parsed(text) ?? { error: { message: `HTTP ${status}`, errors: [], details: [] } }
  const reasons = [...error.errors, ...error.details].flatMap((entry) => (entry.reason ? [entry.reason] : []))
  return {
    status,
    reasons: new Set(reasons),
    text: `${reasons[0] ?? status}, ${error.message.replace(/<[^>]*>/g, '').slice(0, 200)}`,
    quotaUnit:
      error.details.find((detail) => detail.metadata?.['quota_unit'])?.metadata?.['quota_unit'] ?? '',
    afterMs: retryAfterMs(headers),
  }
}

function parsed(text: string): z.infer<typeof ErrorBody> | undefined {
  try {
    return ErrorBody.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
