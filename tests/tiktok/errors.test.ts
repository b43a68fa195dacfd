import { expect, test } from 'vitest'
import { verdictOf } from '#shared/platforms/tiktok/errors.ts'

const body = (code: string) => JSON.stringify({ data: {}, error: { code, message: 'why', log_id: '2026' } })

/** The error table of platform-apis 3.1, row by row. */
test.for([
  {
    status: 401,
    code: 'access_token_invalid',
    verdict: { name: 'RetryableError', reason: 'credential', scope: 'call' },
  },
  { status: 401, code: 'scope_not_authorized', verdict: { name: 'AccountGone', status: 'reauth_required' } },
  {
    status: 403,
    code: 'scope_permission_missed',
    verdict: { name: 'AccountGone', status: 'reauth_required' },
  },
  {
    status: 429,
    code: 'rate_limit_exceeded',
    verdict: { name: 'RetryableError', reason: 'rate', scope: 'pool', afterMs: 60_000 },
  },
  { status: 400, code: 'invalid_params', verdict: { name: 'TerminalError', reason: 'bug' } },
  {
    status: 500,
    code: 'internal_error',
    verdict: { name: 'RetryableError', reason: 'platform', scope: 'call' },
  },
  { status: 504, code: 'timeout_of_research', verdict: { name: 'RetryableError', reason: 'platform' } },
  // Success of HTTP with an error inside is an error.
  { status: 200, code: 'internal_error', verdict: { name: 'RetryableError', reason: 'platform' } },
  { status: 200, code: 'something_new', verdict: { name: 'RetryableError', reason: 'platform' } },
])('$status $code is $verdict.name', ({ status, code, verdict }) => {
  expect(verdictOf(status, new Headers(), body(code))).toMatchObject(verdict)
})

test('an error without data is read all the same', () => {
  const text = JSON.stringify({ data: null, error: { code: 'scope_not_authorized' } })
  expect(verdictOf(401, new Headers(), text)).toMatchObject({ name: 'AccountGone' })
})

test.for([
  { status: 429, name: 'RetryableError', reason: 'rate' },
  { status: 401, name: 'RetryableError', reason: 'credential' },
  { status: 404, name: 'TerminalError', reason: 'bug' },
  { status: 502, name: 'RetryableError', reason: 'platform' },
])('an answer that is none of theirs is judged by its status: $status', ({ status, name, reason }) => {
  expect(verdictOf(status, new Headers(), '<html>gateway</html>')).toMatchObject({ name, reason })
})
