import { expect, test } from 'vitest'
import { AccountGone, messageOf, RetryableError, TerminalError } from '#shared/errors.ts'

test('what a platform puts into a message can be stored and read: one line, whole characters, no U+0000', () => {
  const theirs = 'no\u0000 such\nthing \ud800'
  for (const error of [
    new RetryableError(theirs),
    new TerminalError(theirs),
    new AccountGone(theirs, 'missing', { code: null, isCertain: true }),
  ])
    expect(error.message).toBe('no  such thing \ufffd')
  expect(messageOf(new Error(theirs))).toBe('no  such thing \ufffd')
  expect(messageOf(theirs)).toBe('no  such thing \ufffd')
})
