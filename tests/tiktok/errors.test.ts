import { expect, test } from 'vitest'
import { verdictOf } from '#shared/platforms/tiktok/errors.ts'
import { errorTable, refusalOf } from './error-table.ts'

const body = (code: string) => JSON.stringify(refusalOf(code))

test.for(errorTable)('$status $code is $verdict.name', ({ status, code, verdict }) => {
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
