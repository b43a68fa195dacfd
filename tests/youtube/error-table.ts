import {
  AccountGone,
  AppFault,
  CursorRefused,
  RetryableError,
  TerminalError,
  UnknownRefusal,
} from '#shared/errors.ts'

interface Row {
  readonly status: number
  readonly reason: string
  readonly detail?: string
  readonly unit?: string
  readonly verdict: object
  readonly kind: abstract new (...args: never[]) => Error
}

const window = { scope: 'window', reason: 'quota' }
const rate = { scope: 'pool', reason: 'rate' }
const bare = { scope: 'call', reason: 'refused' }
const suspected = { isCertain: false }
const credential = { scope: 'pool', reason: 'credential' }

/** The documented errors of the YouTube Data API, row by row. */
export const errorTable: readonly Row[] = [
  { status: 403, reason: 'quotaExceeded', verdict: window, kind: RetryableError },
  { status: 403, reason: 'dailyLimitExceeded', verdict: window, kind: RetryableError },
  { status: 429, reason: 'rateLimitExceeded', unit: '1/d/{project}', verdict: window, kind: RetryableError },
  { status: 429, reason: 'rateLimitExceeded', unit: '1/min/{project}', verdict: rate, kind: RetryableError },
  {
    status: 429,
    reason: '',
    detail: 'RATE_LIMIT_EXCEEDED',
    unit: '1/d/{project}',
    verdict: window,
    kind: RetryableError,
  },
  { status: 403, reason: 'rateLimitExceeded', verdict: rate, kind: RetryableError },
  { status: 403, reason: 'userRateLimitExceeded', verdict: rate, kind: RetryableError },
  { status: 400, reason: 'badRequest', detail: 'API_KEY_INVALID', verdict: credential, kind: AppFault },
  { status: 400, reason: 'keyInvalid', verdict: credential, kind: AppFault },
  { status: 400, reason: 'keyExpired', verdict: credential, kind: AppFault },
  { status: 403, reason: 'accessNotConfigured', verdict: credential, kind: AppFault },
  { status: 403, reason: 'forbidden', detail: 'SERVICE_DISABLED', verdict: credential, kind: AppFault },
  {
    status: 403,
    reason: 'forbidden',
    detail: 'API_KEY_SERVICE_BLOCKED',
    verdict: credential,
    kind: AppFault,
  },
  { status: 403, reason: 'ipRefererBlocked', verdict: credential, kind: AppFault },
  { status: 401, reason: 'authError', verdict: credential, kind: AppFault },
  ...[
    'API_KEY_HTTP_REFERRER_BLOCKED',
    'API_KEY_IP_ADDRESS_BLOCKED',
    'CONSUMER_SUSPENDED',
    'BILLING_DISABLED',
  ].map((detail) => ({ status: 403, reason: 'forbidden', detail, verdict: credential, kind: AppFault })),
  // It does not say whose fault it is: no state changes by it.
  { status: 403, reason: 'forbidden', verdict: bare, kind: RetryableError },
  { status: 403, reason: 'unheardOf', verdict: bare, kind: RetryableError },
  {
    status: 403,
    reason: 'insufficientPermissions',
    verdict: { status: 'private', ...suspected },
    kind: AccountGone,
  },
  {
    status: 403,
    reason: 'channelForbidden',
    verdict: { status: 'private', ...suspected },
    kind: AccountGone,
  },
  {
    status: 403,
    reason: 'playlistItemsNotAccessible',
    verdict: { status: 'private', ...suspected },
    kind: AccountGone,
  },
  {
    status: 403,
    reason: 'channelSuspended',
    verdict: { status: 'suspended', ...suspected },
    kind: AccountGone,
  },
  { status: 403, reason: 'channelClosed', verdict: { status: 'closed', ...suspected }, kind: AccountGone },
  { status: 403, reason: 'accountClosed', verdict: { status: 'closed', ...suspected }, kind: AccountGone },
  { status: 404, reason: 'playlistNotFound', verdict: { reason: 'missing' }, kind: TerminalError },
  { status: 404, reason: 'channelNotFound', verdict: { reason: 'missing' }, kind: TerminalError },
  { status: 404, reason: 'videoNotFound', verdict: { reason: 'missing' }, kind: TerminalError },
  { status: 400, reason: 'invalidPageToken', verdict: { reason: 'cursor' }, kind: CursorRefused },
  { status: 400, reason: 'invalidFilters', verdict: { reason: 'bug' }, kind: TerminalError },
  { status: 400, reason: 'unknownPart', verdict: { reason: 'bug' }, kind: TerminalError },
  { status: 400, reason: 'unheardOf', verdict: { most: 3 }, kind: UnknownRefusal },
  {
    status: 500,
    reason: 'backendError',
    verdict: { scope: 'call', reason: 'platform' },
    kind: RetryableError,
  },
  {
    status: 503,
    reason: 'backendError',
    verdict: { scope: 'call', reason: 'platform' },
    kind: RetryableError,
  },
]

/** An error as the platform sends it. */
export function refusalOf({
  status,
  reason,
  detail,
  unit,
}: Pick<Row, 'status' | 'reason' | 'detail' | 'unit'>): object {
  const details =
    detail || unit
      ? [{ ...(detail ? { reason: detail } : {}), metadata: unit ? { quota_unit: unit } : {} }]
      : undefined
  return {
    error: {
      code: status,
      message: 'No <a href="/x">way</a>',
      errors: [{ reason }],
      ...(details ? { details } : {}),
    },
  }
}
