import * as z from 'zod'
import type { Find } from '../model/ml-job.ts'

/** Of one content; what is beyond stands in the result alone. */
const most = { items: 100, finds: 500, letters: 500 }

const Name = z
  .string()
  .trim()
  .min(1)
  .transform((name) => [...name].slice(0, most.letters).join(''))
const Fraction = z.number().min(0).max(1)
const Text = z.string().max(100).nullish().catch(null)
const Box = z.array(Fraction).length(4).nullish().catch(null)
const of = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.looseObject({ ...shape, score: Fraction.nullish().catch(null) })
const Label = of({ name: Name })
const Brand = of({ brand: Name, evidence: Text, box: Box })
const Words = of({ text: Name, lang: Text, box: Box })
const Item = z.looseObject({
  labels: z.array(z.unknown()).catch([]),
  brands: z.array(z.unknown()).catch([]),
  texts: z.array(z.unknown()).catch([]),
  mentions: z.array(z.unknown()).catch([]),
  sentiment: z.number().min(-1).max(1).nullable().catch(null),
  nsfw: Fraction.nullable().catch(null),
})

const nothing = { name: null, score: null, evidence: null, lang: null, box: null } as const

/**
 * What a result says was found, each in its order. Whatever is not as the contract has it is left out: it stays in the result as it
 * came. Pure.
 */
export function findsOf(result: unknown): Find[] {
  const items = z.looseObject({ items: z.array(z.unknown()) }).safeParse(result).data?.items ?? []
  return items.slice(0, most.items).flatMap(itemFinds).slice(0, most.finds)
}

function itemFinds(item: unknown): Find[] {
  const read = Item.safeParse(item).data
  if (!read) return []
  const { labels, brands, texts, mentions, sentiment, nsfw } = read
  return [
    ...each(Label, labels, ({ name, score }) => ({ what: 'label', name, score: score ?? null })),
    ...each(Brand, brands, ({ brand, score, evidence, box }) => ({
      ...{ what: 'brand', name: brand, score: score ?? null },
      ...{ evidence: evidence ?? null, box: box ?? null },
    })),
    ...each(Words, texts, ({ text, score, lang, box }) => ({
      ...{ what: 'text', name: text, score: score ?? null },
      ...{ lang: lang ?? null, box: box ?? null },
    })),
    ...each(Name, mentions, (name) => ({ what: 'mention', name })),
    ...(sentiment === null ? [] : [{ ...nothing, what: 'sentiment' as const, score: sentiment }]),
    ...(nsfw === null ? [] : [{ ...nothing, what: 'nsfw' as const, score: nsfw }]),
  ]
}

const each = <Schema extends z.ZodType>(
  schema: Schema,
  list: readonly unknown[],
  find: (one: z.output<Schema>) => Partial<Find> & Pick<Find, 'what' | 'name'>,
): Find[] =>
  list.flatMap((one) => {
    const read = schema.safeParse(one)
    return read.success ? [{ ...nothing, ...find(read.data) }] : []
  })
