import * as z from 'zod'

/** Of all brands together: each batch of pages and of results reads them all. */
export const mostNames = 5_000

const isTelling = (name: string) => wordsOf(name).join('').length >= 2
/** The name of a brand; whole words that mean it. */
export const BrandName = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .refine((name) => name.isWellFormed() && !name.includes('\0'), 'text')
  .refine(isTelling, 'at least two letters or digits')

/** What a brand is called on a platform, with or without @. */
const BrandHandle = z.strictObject({
  platform: z.string().min(1).max(50),
  handle: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .transform((handle) => handle.replace(/^@/, ''))
    .refine((handle) => handle.isWellFormed() && !handle.includes('\0'), 'text'),
})

/** A brand as a user names it. */
export const BrandInput = z.strictObject({
  name: BrandName.describe('as it is shown'),
  aliases: z.array(BrandName).max(100).default([]).describe('other names that mean it'),
  handles: z
    .array(BrandHandle)
    .max(20)
    .optional()
    .describe(
      'what it is called on platforms, in place of those there are; several on one platform are fine',
    ),
})
export type BrandInput = z.infer<typeof BrandInput>

/** A brand with all its names. */
export interface NamedBrand {
  readonly id: string
  readonly names: readonly string[]
}

/** Names as they are compared: words in lower case and without accents. */
export const normOf = (name: string): string => wordsOf(name).join(' ')

const wordsOf = (text: string): string[] =>
  text
    .normalize('NFKD')
    .replaceAll(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .normalize('NFC')
    .match(/[\p{L}\p{N}\p{M}]+/gu)
    ?.map(asLatin) ?? []

/** Cyrillic letters whose capitals look like Latin ones: readers of pictures take СКОРО for CKOPO. */
const lookalikes = new Map([...'авекмнорстух'].map((letter, place) => [letter, 'abekmhopctyx'[place] ?? '']))
const isAlike = /^[авекмнорстух]{4,}$/

const asLatin = (word: string) =>
  isAlike.test(word) ? [...word].map((letter) => lookalikes.get(letter)).join('') : word

/** Scripts that write words without spaces between them. */
const unspaced = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u

/** Shorter names of several words are not looked for written as one: too many words hold them. */
const leastGlued = 6

/** A brand that a text names, and the name or alias of it that was found. */
export interface NamedIn {
  readonly id: string
  readonly name: string
}

interface Wanted extends NamedIn {
  readonly words: readonly string[]
}

/**
 * Finds brands in texts: a name is found as whole words, in any case, with or without accents and whatever stands between
 * its words; also written as one, as in tags. Names in scripts without spaces are found within words. Pure.
 */
export function brandFinder(brands: readonly NamedBrand[]): (text: string) => NamedIn[] {
  const byFirst = new Map<string, Wanted[]>()
  const within: (NamedIn & { readonly letters: string })[] = []
  for (const { id, names } of brands)
    for (const name of names) {
      const words = wordsOf(name)
      const letters = words.join('')
      if (unspaced.test(letters)) within.push({ id, name, letters })
      for (const wanted of letters.length >= leastGlued ? [words, [letters]] : [words])
        add(byFirst, wanted[0] ?? '', { id, name, words: wanted })
    }
  if (byFirst.size === 0) return () => []
  return (text) => {
    const words = wordsOf(text)
    const found = words.flatMap((word, place) => [
      ...(byFirst.get(word) ?? []).filter((one) => one.words.every((next, at) => words[place + at] === next)),
      ...(unspaced.test(word) ? within.filter(({ letters }) => word.includes(letters)) : []),
    ])
    // Of several names of one brand the first counts.
    return [...new Map(found.toReversed().map(({ id, name }) => [id, { id, name }])).values()]
  }
}

function add(map: Map<string, Wanted[]>, key: string, one: Wanted): void {
  const list = map.get(key)
  if (list) list.push(one)
  else map.set(key, [one])
}
