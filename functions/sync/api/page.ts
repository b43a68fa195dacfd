import * as z from 'zod'

/** An id of this database, as decimal text. */
export const Id = z.string().regex(/^\d{1,18}$/, 'a number')

/** Fields of items that a table has no room for: pictures, and what is a list of its own. */
export const notInCsv = z.registry<Record<string, never>>()

/** Which part of a list is asked for: items after this id, at most `limit`. */
export const Page = z.object({
  after: Id.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(50),
})

/** A page of a list that can be sorted; `after` is the `next` of the page before, in the same order. */
export const sortedBy = (names: readonly [string, ...string[]]) =>
  z.object({
    after: z.string().min(1).max(2_000).optional(),
    limit: Page.shape.limit,
    sort: z
      .enum([...names, ...names.map((name) => `-${name}`)])
      .optional()
      .describe('`-` before it: descending'),
  })

/** A page of such a list; pass `next` as `after` to get the rest; null: this is the last page. */
export const sortedListOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().nullable() })

/** A list that is never longer than one answer. */
export const itemsOf = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item) })

/** One page of a list; pass `next` as `after` to get the rest; null: this is the last page. */
export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: Id.nullable() })
