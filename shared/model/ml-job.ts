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

/** A job taken to be sent; every write names the token of the claim. */
export interface SendableJob {
  readonly id: string
  readonly input_key: string
  readonly kind: MlKind
  readonly model: string
  readonly attempt_no: number
  readonly claim_token: string
  /** Claims, this one included, that counted as tries. */
  readonly attempts: number
  readonly input: MlInput
  readonly traceparent: string | null
  /** An earlier sender took it and never said what became of it. */
  readonly interrupted: boolean
}

/** What became of sending one job; `after_ms` is when it falls due again. */
export interface SendOutcome {
  readonly id: string
  readonly claim_token: string
  readonly state: 'submitted' | 'planned' | 'failed'
  readonly provider_job_id: string | null
  readonly after_ms: number
  readonly deadline_ms: number | null
  readonly error: { readonly code: string; readonly message: string } | null
  readonly parked: boolean
  /** Whether this try counts against the job; a closed pool or a lack of time is not its fault. */
  readonly counts: boolean
}
