import * as z from 'zod'

/** The answer of a request that changes many: how many matched, and a few of them. */
export const batchOf = <View extends z.ZodType>(view: View) =>
  z.object({
    matched: z.int(),
    sample: z.array(view),
    has_more: z
      .boolean()
      .describe('true: no time was left for the rest; ask again with another Idempotency-Key'),
  })
