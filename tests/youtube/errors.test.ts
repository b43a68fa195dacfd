import { expect, test } from 'vitest'
import { UnknownRefusal } from '#shared/errors.ts'
import { verdictOf } from '#shared/platforms/youtube/errors.ts'
import { errorTable, refusalOf } from './error-table.ts'

test.for(errorTable)('$status $reason $detail $unit is $verdict', (row) => {
  const { status, verdict, kind } = row
  const error = verdictOf(status, new Headers(), JSON.stringify(refusalOf(row)))
  expect(error).toBeInstanceOf(kind)
  expect(error).toMatchObject(verdict)
  expect(error.message).not.toContain('<a')
})

test('an answer that is no error envelope is a verdict too', () => {
  expect(verdictOf(502, new Headers(), '<html>Bad gateway</html>')).toMatchObject({
    scope: 'call',
    reason: 'platform',
  })
  expect(verdictOf(418, new Headers(), '')).toBeInstanceOf(UnknownRefusal)
})

test('what the platform asks to wait is kept', () => {
  expect(verdictOf(503, new Headers({ 'retry-after': '30' }), '')).toMatchObject({ afterMs: 30_000 })
})
