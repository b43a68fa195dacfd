import * as z from 'zod'

/** What is sealed in a credential. */
export const Tokens = z.object({
  access: z.string().min(1),
  /** null: the platform gives none. */
  refresh: z.string().min(1).nullable(),
})
export type Tokens = z.infer<typeof Tokens>
