import { expect, test } from 'vitest'
import { mayBeOurs, newKey } from '#functions/sync/keys.ts'

const own = { secret: 'a', hasUnchecked: false }

test('a key carries a check that others cannot make', () => {
  const key = newKey('a')
  expect(mayBeOurs(key, own)).toBe(true)
  expect(mayBeOurs(key, { ...own, secret: 'b' })).toBe(false)
  for (const place of [5, 20, 40]) {
    const other = key[place] === 'A' ? 'B' : 'A'
    expect(mayBeOurs(key.slice(0, place) + other + key.slice(place + 1), own)).toBe(false)
  }
  expect(newKey('a')).not.toBe(key)
})

test('a key of an earlier release, which has no check, may be good as long as there are some', () => {
  const key = `ss_${'a'.repeat(32)}`
  expect([mayBeOurs(key, own), mayBeOurs(key, { ...own, hasUnchecked: true })]).toEqual([false, true])
})

test.for(['', 'ss_', 'ss_x', `ss_${'!'.repeat(40)}`, `ss_${'a'.repeat(400)}`, 'a'.repeat(43)])(
  '%s is no key',
  (key) => {
    expect(mayBeOurs(key, { ...own, hasUnchecked: true })).toBe(false)
  },
)
