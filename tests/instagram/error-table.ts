/** An error as the Graph API sends it. */
export const refusalOf = (code: number, more: object = {}) => ({
  error: { message: 'why', type: 'OAuthException', code, fbtrace_id: 'A', ...more },
})

interface Row {
  readonly code: number
  readonly more?: object
  readonly verdict: object
}

/** The documented errors of the Graph API, row by row, by the token of an owner. */
export const errorTable: readonly Row[] = [
  { code: 1, verdict: { name: 'RetryableError', reason: 'platform', scope: 'call' } },
  { code: 2, verdict: { name: 'RetryableError', reason: 'platform', scope: 'call' } },
  { code: -1, verdict: { name: 'RetryableError', reason: 'platform' } },
  { code: -2, verdict: { name: 'RetryableError', reason: 'platform' } },
  { code: 9999, more: { is_transient: true }, verdict: { name: 'RetryableError', reason: 'platform' } },
  { code: 1, more: { message: 'Please reduce the amount of data' }, verdict: { name: 'TooMuchData' } },
  ...[4, 17, 32, 341, 613, 80002].map((code) => ({
    code,
    verdict: { name: 'RetryableError', reason: 'rate', scope: 'pool', afterMs: 900_000 },
  })),
  {
    code: 4,
    more: { error_subcode: 2207051, is_transient: false },
    verdict: { reason: 'blocked', scope: 'pool' },
  },
  ...[458, 460, 463, 467].map((error_subcode) => ({
    code: 190,
    more: { error_subcode },
    verdict: { name: 'AccountGone', status: 'reauth_required', isCertain: true },
  })),
  // The owner must pass a check; the token stays good.
  ...[459, 464].map((error_subcode) => ({
    code: 190,
    more: { error_subcode },
    verdict: { name: 'RetryableError', reason: 'check', counts: false },
  })),
  { code: 102, verdict: { name: 'AccountGone', status: 'reauth_required', isCertain: true } },
  ...[3, 10, 200, 299].map((code) => ({
    code,
    verdict: { name: 'AccountGone', status: 'reauth_required', isCertain: false },
  })),
  ...[
    'API access deactivated. To reactivate, go to the app dashboard.',
    'API access blocked.',
    'Application does not have the capability to make this API call.',
  ].map((message) => ({ code: 200, more: { message }, verdict: { name: 'AppFault', scope: 'pool' } })),
  { code: 100, verdict: { name: 'UnknownRefusal', most: 3 } },
  // Missing, no permission, or throttling in disguise: nothing is taken for gone.
  { code: 100, more: { error_subcode: 33 }, verdict: { name: 'RetryableError', reason: 'refused' } },
  { code: 100, more: { error_subcode: 2207013 }, verdict: { name: 'NotFound' } },
  { code: 100, more: { error_subcode: 2108006 }, verdict: { name: 'TerminalError', reason: 'bug' } },
  {
    code: 100,
    more: { message: '(#100) Tried accessing nonexisting field (view_count)' },
    verdict: { name: 'FieldWithdrawn', field: 'view_count' },
  },
  { code: 110, more: { error_subcode: 2207013 }, verdict: { name: 'NotFound' } },
  { code: 24, verdict: { name: 'NotFound' } },
  { code: 368, verdict: { name: 'AccountGone', status: 'private', isCertain: false } },
  { code: 36104, verdict: { name: 'AccountGone', status: 'private', isCertain: false } },
  { code: 36000, verdict: { name: 'UnknownRefusal' } },
]
