import { expect, test } from 'vitest'
import { verdictOf } from '#shared/platforms/instagram/errors.ts'

const body = (code: number, more: object = {}) =>
  JSON.stringify({ error: { message: 'why', type: 'OAuthException', code, fbtrace_id: 'A', ...more } })

/** The error table of platform-apis 2.4, row by row, by the token of an owner. */
test.for([
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
  ...[458, 459, 460, 463, 464, 467].map((error_subcode) => ({
    code: 190,
    more: { error_subcode },
    verdict: { name: 'AccountGone', status: 'reauth_required' },
  })),
  { code: 102, verdict: { name: 'AccountGone', status: 'reauth_required' } },
  ...[3, 10, 200, 299].map((code) => ({ code, verdict: { name: 'AccountGone', status: 'reauth_required' } })),
  { code: 100, verdict: { name: 'TerminalError', reason: 'bug' } },
  // Missing, no permission, or throttling in disguise: nothing is taken for gone.
  { code: 100, more: { error_subcode: 33 }, verdict: { name: 'RetryableError', reason: 'platform' } },
  { code: 100, more: { error_subcode: 2207013 }, verdict: { name: 'NotFound' } },
  { code: 100, more: { error_subcode: 2108006 }, verdict: { name: 'TerminalError', reason: 'bug' } },
  {
    code: 100,
    more: { message: '(#100) Tried accessing nonexisting field (view_count)' },
    verdict: { name: 'FieldWithdrawn', field: 'view_count' },
  },
  { code: 100, more: { message: '(#100) the cursor is not valid' }, verdict: { name: 'CursorRefused' } },
  { code: 110, more: { error_subcode: 2207013 }, verdict: { name: 'NotFound' } },
  { code: 24, verdict: { name: 'NotFound' } },
  { code: 368, verdict: { name: 'AccountGone', status: 'private' } },
  { code: 36104, verdict: { name: 'AccountGone', status: 'private' } },
  { code: 36000, verdict: { name: 'TerminalError', reason: 'bug' } },
])(
  '$code $more is $verdict',
  ({ code, more = {}, verdict }: { code: number; more?: object; verdict: object }) => {
    expect(verdictOf(400, new Headers(), body(code, more), 'own')).toMatchObject(verdict)
    // The status says nothing: an error may come with any.
    expect(verdictOf(200, new Headers(), body(code, more), 'own')).toMatchObject(
      code === 36000 ? {} : verdict,
    )
  },
)

test.for([190, 102, 10, 200])('%i with the shared token stops its pool and blames no account', (code) => {
  expect(verdictOf(400, new Headers(), body(code), 'shared')).toMatchObject({
    name: 'RetryableError',
    reason: 'credential',
    scope: 'pool',
  })
})

test('what the platform calls transient is, whatever its code', () => {
  for (const code of [10, 100, 190, 368])
    expect(verdictOf(400, new Headers(), body(code, { is_transient: true }), 'own')).toMatchObject({
      name: 'RetryableError',
      reason: 'platform',
    })
  // Rate errors come as transient and are about their pool.
  for (const code of [4, 17, 80002])
    expect(verdictOf(400, new Headers(), body(code, { is_transient: true }), 'own')).toMatchObject({
      reason: 'rate',
    })
})

test('an action blocked for the shared token blames no account', () => {
  expect(verdictOf(400, new Headers(), body(368), 'shared')).toMatchObject({
    reason: 'blocked',
    scope: 'pool',
  })
})

test('the time at which access is regained is taken from the usage header', () => {
  const use = [{ type: 'instagram', call_count: 100, estimated_time_to_regain_access: 19 }]
  const headers = new Headers({ 'x-business-use-case-usage': JSON.stringify({ '17841': use }) })
  expect(verdictOf(400, headers, body(80002), 'own')).toMatchObject({ reason: 'rate', afterMs: 19 * 60_000 })
})

test.for([
  { status: 429, name: 'RetryableError', reason: 'rate' },
  { status: 401, name: 'AccountGone', reason: 'reauth_required' },
  { status: 404, name: 'TerminalError', reason: 'bug' },
  { status: 502, name: 'RetryableError', reason: 'platform' },
])('an answer that is none of theirs is judged by its status: $status', ({ status, name, reason }) => {
  expect(verdictOf(status, new Headers(), '<html>gateway</html>', 'own')).toMatchObject({ name, reason })
})
