import * as z from 'zod'

export const MlKind = z.enum(['text', 'image'])
export type MlKind = z.infer<typeof MlKind>

/** What the provider is given: the text of a post, or one picture. */
export const MlInput = z.object({
  text: z.string().optional(),
  lang: z.string().optional(),
  media: z.array(z.object({ id: z.string(), kind: z.enum(['image', 'video']), url: z.url() })).optional(),
})
export type MlInput = z.infer<typeof MlInput>

/** A job a post deserves, before it has a row. */
export interface PlannedJob {
  readonly kind: MlKind
  readonly model: string
  readonly input_key: string
  readonly input: MlInput
  /** The medium it is about; null: the text of the post. */
  readonly medium: { readonly role: string; readonly position: number } | null
}
