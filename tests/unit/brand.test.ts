import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BrandInput, brandFinder, normOf } from '#shared/model/brand.ts'

const finder = brandFinder([
  { id: '1', names: ['Café Índigo', 'cafeindigo'] },
  { id: '2', names: ['Кофейня Зерно'] },
  { id: '3', names: ['白雲茶房'] },
  { id: '4', names: ['Papaya & Pine'] },
  { id: '5', names: ['Gap'] },
  { id: '6', names: ['H&M'] },
  { id: '7', names: ['Fjord Knitwear'] },
  { id: '8', names: ['СКОРО'] },
])
const find = (text: string) => finder(text).map(({ id }) => id)

test.for([
  ['a name is found in any case and without its accents', 'New at CAFE INDIGO today', ['1']],
  ['a name is found as one word, as tags and handles have it', '#CafeÍndigo and @fjordknitwear', ['1', '7']],
  ['a name in two lines of a picture is found', 'FJORD\nKNITWEAR', ['7']],
  ['Cyrillic letters are found', 'Завтра в «Кофейня Зерно»!', ['2']],
  ['a name in a script without spaces is found within a run of letters', '今日は白雲茶房のお茶', ['3']],
  ['what stands between words does not matter', 'papaya+pine; h & m', ['4', '6']],
  ['a part of a word is no brand', 'gapless stargap, papayapine, cafe in digo, гкофейня зерно', ['4']],
  ['letters that only look like those of another script are found', 'CKOPO в продаже', ['8']],
  ['an empty text names none', '', []],
] as const)('%s', ([, text, expected]) => {
  expect(find(text).sort()).toEqual(expected)
})

test('a brand is found once, with the name by which it was', () => {
  expect(finder('H&M, gap and H & M')).toEqual([
    { id: '6', name: 'H&M' },
    { id: '5', name: 'Gap' },
  ])
})

test('a name of less than two letters is refused, and so is what no database takes', () => {
  for (const name of ['', ' ', 'X', '!!', 'a\0b', '\ud800ab', 'x'.repeat(201)])
    expect(BrandInput.safeParse({ name }).success, name).toBe(false)
  expect(BrandInput.parse({ name: ' X5 ' })).toEqual({ name: 'X5', aliases: [] })
})

test('any brand is found in its own name, however it is written', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 2, maxLength: 40 }), (name) => {
      if (!BrandInput.safeParse({ name }).success) return
      const one = brandFinder([{ id: '1', names: [name] }])
      expect(one(`- ${name} -`)).toEqual([{ id: '1', name }])
      expect(one(normOf(name))).toEqual([{ id: '1', name }])
    }),
  )
})
