import { expect, test } from 'vitest'
import { verdictOf } from '#shared/platforms/tiktok/errors.ts'
import { errorTable, refusalOf } from './error-table.ts'

const answer = (status: number, text: string) => ({ status, text, headers: new Headers() })
const body = (code: string) => JSON.stringify(refusalOf(code))

test.for(errorTable)('$status $code is $verdict.name', ({ status, code, verdict }) => {
  expect(verdictOf(answer(status, body(code)))).toMatchObject(verdict)
})

test('an error without data is read all the same', () => {
  const text = JSON.stringify({ data: null, error: { code: 'scope_not_authorized' } })
  expect(verdictOf(answer(401, text))).toMatchObject({ name: 'AccountGone' })
})

test.for([
  { status: 429, name: 'RetryableError', reason: 'rate' },
  { status: 401, name: 'RetryableError', reason: 'token' },
  { status: 404, name: 'UnknownRefusal', reason: 'refused' },
  { status: 502, name: 'RetryableError', reason: 'platform' },
])('an answer that is none of theirs is judged by its status: $status', ({ status, name, reason }) => {
  expect(verdictOf(answer(status, '<html>gateway</html>'))).toMatchObject({ name, reason })
})

test('a code that PostgreSQL could not store is made one that it can', () => {
  expect(verdictOf(answer(400, body('x\u0000y\ud800')))).toMatchObject({ code: 'x y\ufffd' })
})
