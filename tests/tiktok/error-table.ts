/** An error as TikTok sends it. */
export const refusalOf = (code: string) => ({ data: {}, error: { code, message: 'why', log_id: '2026' } })

interface Row {
  readonly status: number
  readonly code: string
  readonly verdict: object
}

/** The documented errors of the TikTok Display API, row by row. */
export const errorTable: readonly Row[] = [
  {
    status: 401,
    code: 'access_token_invalid',
    verdict: { name: 'RetryableError', reason: 'token', scope: 'call' },
  },
  {
    status: 401,
    code: 'scope_not_authorized',
    verdict: { name: 'AccountGone', status: 'reauth_required', isCertain: false },
  },
  {
    status: 403,
    code: 'scope_permission_missed',
    verdict: { name: 'AccountGone', status: 'reauth_required', isCertain: false },
  },
  {
    status: 429,
    code: 'rate_limit_exceeded',
    verdict: { name: 'RetryableError', reason: 'rate', scope: 'pool', afterMs: 60_000 },
  },
  {
    status: 429,
    code: 'daily_quota_limit_exceeded',
    verdict: { name: 'RetryableError', reason: 'quota', scope: 'day' },
  },
  { status: 400, code: 'invalid_params', verdict: { name: 'UnknownRefusal', most: 3 } },
  {
    status: 500,
    code: 'internal_error',
    verdict: { name: 'RetryableError', reason: 'platform', scope: 'call' },
  },
  { status: 504, code: 'timeout_of_research', verdict: { name: 'RetryableError', reason: 'platform' } },
  // Success of HTTP with an error inside is an error.
  { status: 200, code: 'internal_error', verdict: { name: 'RetryableError', reason: 'platform' } },
  { status: 200, code: 'something_new', verdict: { name: 'UnknownRefusal' } },
]
