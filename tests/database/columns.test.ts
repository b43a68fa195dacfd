import fc from 'fast-check'
import { expect, test } from 'vitest'
import { columns } from '#shared/db/columns.ts'
import { sql } from '#shared/db/sql.ts'
import { openTestDatabase } from '../setup/database.ts'

interface Every {
  readonly id: string
  readonly count: number | null
  readonly share: number | null
  readonly name: string | null
  readonly is_on: boolean | null
  readonly at: Date | null
  readonly more: unknown
  readonly words: readonly string[] | null
}
const every = columns<Every>({
  id: 'bigint',
  count: 'int',
  share: 'float8',
  name: 'text',
  is_on: 'boolean',
  at: 'timestamptz',
  more: 'jsonb',
  words: 'text[]',
})

const orNull = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: null })
const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\u0000'))
const row = fc.record<Every>({
  id: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  count: orNull(fc.integer()),
  share: orNull(fc.double({ noNaN: true })),
  name: orNull(text),
  is_on: orNull(fc.boolean()),
  at: orNull(fc.date({ min: new Date('0100-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })),
  more: orNull(
    fc.dictionary(fc.constantFrom('a', 'b'), fc.oneof(text, fc.integer(), fc.constant(null)), {
      noNullPrototype: true,
    }),
  ),
  words: orNull(fc.array(text)),
})

test('rows of any values arrive as they were given', async () => {
  const { db } = await openTestDatabase()
  await fc.assert(
    fc.asyncProperty(fc.array(row), async (rows) => {
      const arrived = await db.rows<Omit<Every, 'more'> & { more: string | null }>(
        sql`select ${every.of('r')} from ${every.rows(rows)}`,
      )
      const parsed = arrived.map(({ more, ...rest }) => ({ ...rest, more: more && JSON.parse(more) }))
      expect(parsed).toEqual(rows)
    }),
    { numRuns: 50 },
  )
})

test('what a column cannot hold is refused before it is sent', async () => {
  const one: Every = { ...(fc.sample(row, 1)[0] as Every), id: '1' }
  expect(() => every.rows([{ ...one, id: 'one' }])).toThrow(SyntaxError)
  expect(() => every.rows([{ ...one, at: new Date(Number.NaN) }])).toThrow(RangeError)
  expect(() => every.rows([{ ...one, count: 2 ** 31 }])).toThrow(RangeError)
})
