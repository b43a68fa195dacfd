import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type SliceRule, slice } from '#shared/platforms/slices.ts'

const rule: SliceRule = {
  group: 'detail',
  volatile: ['etag', 'statistics'],
  parts: ['id', 'statistics'],
  read: ({ id }) => (typeof id === 'string' ? { native_id: id, metrics: null } : null),
}

const text = fc.oneof(fc.string(), fc.constantFrom('"', '\\', '\\"', '}', '{[', '\\\\"', '\u2028', 'é'))
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(text, tie('any'), { maxKeys: 3 }),
  ),
})).any
const item = fc.record({ etag: value, id: text, snippet: value, statistics: value })
const answer = fc.record({ kind: text, items: fc.array(item, { maxLength: 5 }), pageInfo: value })
const spaces = fc.constantFrom(undefined, 1, '\t')

test('an answer without some of its items reads as if they had not been in it', () => {
  fc.assert(
    fc.property(answer, spaces, fc.nat(31), (given, space, some) => {
      const places = new Set(given.items.flatMap((_, place) => ((some >> place) & 1 ? [place] : [])))
      const slices = slice(JSON.stringify(given, null, space), rule)
      expect(JSON.parse(slices?.without(places) ?? '')).toEqual({
        ...JSON.parse(JSON.stringify(given)),
        items: JSON.parse(JSON.stringify(given.items.filter((_, place) => !places.has(place)))),
      })
    }),
  )
})

test('the content of an item is the same whatever its numbers, and another for any other text', () => {
  const contentOf = (one: object, space: string | number | undefined) =>
    slice(JSON.stringify({ items: [one] }, null, space), rule)?.items[0]?.content
  fc.assert(
    fc.property(item, value, value, spaces, (one, etag, other, space) => {
      const content = contentOf(one, space)
      expect(content).toBeDefined()
      expect(contentOf({ ...one, etag, statistics: other }, space)).toBe(content)
      expect(contentOf({ ...one, snippet: { was: one.snippet } }, space)).not.toBe(content)
      expect(contentOf({ ...one, id: `${one.id}x` }, space)).not.toBe(content)
    }),
  )
})

test.for([
  ['no JSON', '{"items": [{"id": "a"}'],
  ['a text that does not end', '{"items": [{"id": "a}]}'],
  ['two lists', '{"items": [], "items": []}'],
  ['no list', '{"kind": "x"}'],
  ['something else than a list', '{"items": {"id": "a"}}'],
  ['a key with an escape', '{"items": [{"\\u0069d": "a"}]}'],
  ['a list with a hole', '{"items": [{"id": "a"},]}'],
  ['no object', '["items"]'],
  ['nothing', ''],
])('an answer that has %s is read as a whole', ([, body]) => {
  expect(slice(body ?? '', rule)).toBeUndefined()
})

test.for([
  ['numbers that are no JSON', '{"id": "a", "statistics": {"viewCount": 1,}}'],
  ['its id twice', '{"id": "a", "id": "b"}'],
  ['no id', '{"statistics": {}}'],
  ['no members', '[]'],
])('an item with %s is read whole', ([, one]) => {
  expect(slice(`{"items": [${one}]}`, rule)?.items).toEqual([null])
})
