import * as z from 'zod'
import type { TimeLeft } from '#shared/runtime/handler.ts'

const batch = 500
const sampleSize = 5

/** What was gone over, with a few of them to look at. */
export const gone = <View extends z.ZodType>(view: View) =>
  z.object({
    matched: z.int(),
    sample: z.array(view),
    has_more: z
      .boolean()
      .describe('there was no time for the rest: ask again, under another Idempotency-Key'),
  })

/** Goes over all that is chosen, batch by batch in the order of numbers, while time allows; a dry run changes none. */
export async function overBatches<Item extends { readonly id: string }>(choice: {
  readonly timeLeft: TimeLeft
  readonly isDry: boolean
  readonly list: (after: string, limit: number) => Promise<readonly Item[]>
  /** Returns those that were changed. */
  readonly change: (ids: readonly string[]) => Promise<readonly string[]>
}) {
  const { timeLeft, isDry, list, change } = choice
  const done = { matched: 0, changed: 0, sample: [] as Item[], has_more: false }
  for (let after = '0'; ; ) {
    if (!timeLeft(0.8)) return { ...done, has_more: true }
    const items = await list(after, batch)
    const last = items.at(-1)
    if (!last) return done
    after = last.id
    done.matched += items.length
    done.sample.push(...items.slice(0, sampleSize - done.sample.length))
    if (!isDry) done.changed += (await change(items.map(({ id }) => id))).length
  }
}
