import * as z from 'zod'

/** Their shapes. Counts are numbers that a double holds; what a user hides is absent. */
const Count = z
  .int()
  .nonnegative()
  .transform((count) => String(count))
const Time = z.iso.datetime({ offset: true }).transform((text) => new Date(text))

export const User = z.object({
  id: z.string().min(1),
  handle: z.string(),
  name: z.string().optional(),
  followers: Count.optional(),
  cards: Count.optional(),
})
export type User = z.infer<typeof User>

export const Card = z.object({
  id: z.string().min(1),
  text: z.string().default(''),
  sent_at: Time,
  picture: z.string().optional(),
  seen: Count.optional(),
  hearts: Count.optional(),
})
export type Card = z.infer<typeof Card>

export const CardList = z.object({ cards: z.array(z.unknown()), next: z.string().nullable() })
