import { expect, test } from 'vitest'
import { FieldList } from '#shared/platforms/instagram/fields.ts'

test('of several calls in flight that were too heavy with the same size, one halves it', () => {
  const asked = new FieldList(50)
  expect([asked.halve(50), asked.halve(50), asked.halve(50)]).toEqual([true, true, true])
  expect(asked.pageSize).toBe(25)
  expect(asked.halve(25)).toBe(true)
  expect(asked.pageSize).toBe(12)
})

test('a page cannot shrink below what makes sense', () => {
  const asked = new FieldList(5)
  expect(asked.halve(5)).toBe(false)
  expect(asked.pageSize).toBe(5)
})

test('a withdrawn field is given up once, wherever it stands; what nothing works without is not', () => {
  const asked = new FieldList(50)
  expect([asked.giveUp('media_url'), asked.giveUp('media_url')]).toEqual(['new', 'known'])
  expect(asked.media).not.toContain('media_url')
  expect(asked.giveUp('id')).toBe('essential')
})
