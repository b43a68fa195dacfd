import { createHash } from 'node:crypto'
import { fraction } from '../../world/random.ts'
import { brands } from '../../world/vocabulary.ts'

/** What a job was given, as far as the answer depends on it. */
export interface AnnotateInput {
  readonly text?: string
  readonly media?: readonly { readonly id: string; readonly url: string }[]
}

const labels = [
  'shoe',
  'person',
  'cup',
  'street',
  'mountain',
  'face',
  'screen',
  'plate',
  'sky',
  'bicycle',
  'text',
  'plant',
]
const knownBrands = [
  ...brands.map((brand) => brand.name),
  'Apple',
  'Nike',
  'Samsung',
  'Sony',
  'Google',
  'Xiaomi',
]

/**
 * The simulated model's answer: brands and mentions really in the text, labels by a hash of the medium, and of a reader the words
 * that were drawn into it. Pure.
 * @param words that stand in each picture, where these were fetched
 */
export function annotate(
  input: AnnotateInput,
  kind = 'image',
  words: readonly (string | null)[] = [],
): { items: object[] } {
  if (!input.media) return { items: [textItem(input.text ?? '')] }
  if (kind === 'image_text')
    return { items: input.media.map(({ id }, place) => readItem(id, words[place] ?? null)) }
  return { items: input.media.map(imageItem) }
}

const readItem = (media_id: string, words: string | null): object => ({
  media_id,
  status: 'ok',
  texts:
    words === null
      ? []
      : [
          {
            text: words,
            lang: /\p{sc=Cyrillic}/u.test(words) ? 'ru' : 'en',
            score: 0.97,
            box: [0.1, 0.4, 0.8, 0.1],
          },
        ],
})

function textItem(text: string): object {
  const folded = text.toLowerCase()
  return {
    status: 'ok',
    brands: knownBrands
      .filter((brand) => folded.includes(brand.toLowerCase()))
      .map((brand) => ({ brand, score: 0.9, evidence: 'text' })),
    mentions: [...text.matchAll(/(?<![\p{L}\p{N}_.@/])@([\p{L}\p{N}_.-]{2,})/gu)].map((match) => match[1]),
    sentiment: Math.round((fraction(`sentiment ${text}`) * 2 - 1) * 100) / 100,
  }
}

function imageItem(medium: { readonly id: string; readonly url: string }): object {
  const bytes = createHash('sha256')
    .update(medium.url.split('?')[0] ?? '')
    .digest()
  const chosen = [
    ...new Set([bytes[0], bytes[1], bytes[2]].map((byte) => labels[(byte ?? 0) % labels.length])),
  ]
  return {
    media_id: medium.id,
    status: 'ok',
    labels: chosen.map((name, index) => ({
      name,
      score: Math.round(100 - index * 11 - (bytes[3] ?? 0) / 25.6) / 100,
    })),
    brands:
      (bytes[4] ?? 0) < 26
        ? [{ brand: knownBrands[(bytes[5] ?? 0) % knownBrands.length], score: 0.7, evidence: 'logo' }]
        : [],
  }
}
