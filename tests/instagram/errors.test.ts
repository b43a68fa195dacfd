import { expect, test } from 'vitest'
import { verdictOf } from '#shared/platforms/instagram/errors.ts'
import { errorTable, refusalOf } from './error-table.ts'

const body = (code: number, more: object = {}) => JSON.stringify(refusalOf(code, more))

test.for(errorTable)('$code $more is $verdict', ({ code, more = {}, verdict }) => {
  expect(verdictOf(400, new Headers(), body(code, more), 'own')).toMatchObject(verdict)
  // The status says nothing: an error may come with any.
  expect(verdictOf(200, new Headers(), body(code, more), 'own')).toMatchObject(verdict)
})

test.for([190, 102, 10, 200])('%i with the shared token stops its pool and blames no account', (code) => {
  expect(verdictOf(400, new Headers(), body(code), 'shared')).toMatchObject({
    name: 'AppFault',
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
  { status: 401, name: 'RetryableError', reason: 'refused' },
  { status: 404, name: 'UnknownRefusal', reason: 'refused' },
  { status: 502, name: 'RetryableError', reason: 'platform' },
])('an answer that is none of theirs is judged by its status: $status', ({ status, name, reason }) => {
  expect(verdictOf(status, new Headers(), '<html>gateway</html>', 'own')).toMatchObject({ name, reason })
})
