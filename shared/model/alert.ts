import * as z from 'zod'

/** What alerts are about; alerts.cause says each in words. */
export const AlertCause = z.enum([
  'token_refused',
  'token_ending',
  'app_refused',
  'account_late',
  'parked',
  'quota_used_up',
  'ml_backlog',
  'checks_failed',
])
export type AlertCause = z.infer<typeof AlertCause>

/** What a message says of an alert: names, counts, times. */
export const AlertDetails = z.object({
  /** A handle with @, a native id, or the name of a pool, a sort of work, an invariant. */
  name: z.string(),
  platform: z.string().optional(),
  /** Why, in the words of the platform or of the ledger. */
  reason: z.string().optional(),
  /** What to do about it. */
  remedy: z.string().optional(),
  count: z.number().optional(),
  /** A time that matters: when it ends, when it was read last, when it opens again. */
  at: z.string().optional(),
})
export type AlertDetails = z.infer<typeof AlertDetails>

/** An alert as messages have it. */
export interface Alert {
  readonly id: string
  readonly cause: AlertCause
  readonly account_id: string | null
  readonly details: AlertDetails
  readonly fired_at: Date
  readonly over_at: Date | null
}

export const ChannelKind = z.enum(['webhook', 'telegram', 'email'])
export type ChannelKind = z.infer<typeof ChannelKind>

/** A channel that gets alerts. */
export interface Channel {
  readonly id: string
  readonly name: string
  readonly kind: ChannelKind
  readonly target: string
  readonly sealed_secret: Buffer | null
  readonly language: 'en' | 'ru'
}

/** What the secret of a channel is sealed about: it cannot be opened for another. */
export const secretAbout = (name: string) => `alert channel ${name}`

/** An alert as programs get it. Times are ISO 8601 in UTC. */
export const alertAsJson = ({ id, cause, account_id, details, fired_at, over_at }: Alert) => ({
  ...{ id, cause, account_id, details },
  fired_at: fired_at.toISOString(),
  over_at: over_at?.toISOString() ?? null,
})
