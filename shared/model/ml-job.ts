import * as z from 'zod'

/** What a model is asked: of a text, of a picture's labels and logos, of the text in it, or whether it is safe for work. */
export const MlKind = z.enum(['text', 'image', 'image_text', 'nsfw'])
export type MlKind = z.infer<typeof MlKind>

/** What is looked at: title and body of a post, or one picture. */
export type ContentType = 'text' | 'picture'
export const contentType: Readonly<Record<MlKind, ContentType>> = {
  text: 'text',
  image: 'picture',
  image_text: 'picture',
  nsfw: 'picture',
}

/** What the keys of contents begin with (table content_salts). */
export type Salts = Readonly<Record<ContentType, string>>

/** Who does the jobs of a kind: a provider by its name in the settings, and its model. */
export interface MlRoute {
  readonly kind: MlKind
  readonly provider: string
  readonly model: string
}

/** What the provider is given: the text of a post, or one picture. */
export const MlInput = z.object({
  text: z.string().optional(),
  lang: z.string().optional(),
  media: z.array(z.object({ id: z.string(), kind: z.enum(['image', 'video']), url: z.url() })).optional(),
})
export type MlInput = z.infer<typeof MlInput>

/** What a job is about, as a post has it. */
export type MlContent =
  | {
      readonly kind: 'text'
      readonly title: string | null
      readonly body: string | null
      readonly lang: string | null
    }
  | {
      readonly kind: 'picture'
      readonly media_kind: 'image' | 'video'
      readonly url: string
      /** Its copy in the bucket. null: none is made. */
      readonly copy: { readonly status: string; readonly object: string | null } | null
    }

/** One thing that a model found in a content, as table ml_finds has it. */
export interface Find {
  readonly what: 'label' | 'brand' | 'text' | 'mention' | 'sentiment' | 'nsfw'
  readonly name: string | null
  readonly score: number | null
  readonly evidence: string | null
  readonly lang: string | null
  /** Left, top, width and height, as fractions of the picture. */
  readonly box: readonly number[] | null
}

/** A job taken to be sent; every write names the token of the claim. */
export interface SendableJob {
  readonly id: string
  readonly content_key: string
  /** Key under which the provider knows it, without the attempt. */
  readonly sent_as: string
  readonly kind: MlKind
  readonly model: string
  readonly attempt_no: number
  readonly claim_token: string
  /** Claims, this one included, that counted as tries. */
  readonly attempts: number
  readonly content: MlContent
  /** When it was taken to be sent for the first time. */
  readonly first_sent_at: Date
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
  /** Nothing can have reached the provider. */
  readonly unsent?: boolean
}

/** What an answer makes of a job. `again` adds a further attempt; `resend` sends this one once more. */
export interface Settled {
  readonly id: string
  /** Of the claim whose answer it is; a slower one is refused, except for a result. */
  readonly claim_token: string
  readonly state: 'done' | 'failed' | 'expired' | 'resend' | 'pending'
  readonly after_ms: number
  readonly model_version: string | null
  readonly result: unknown
  /** What the result says was found. */
  readonly finds: readonly Find[]
  readonly error: object | null
  readonly parked: boolean
  readonly again: boolean
  /** How long the further attempt waits: the result of this one may still come. */
  readonly again_after_ms: number
  /** The provider does not know the job; and it knows others. */
  readonly unknown: boolean
  readonly doubted: boolean
}
