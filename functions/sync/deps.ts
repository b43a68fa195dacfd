import type { Post } from '#shared/alerts/post.ts'
import type { BodyStore } from '#shared/db/body-store.ts'
import type { Db } from '#shared/db/pool.ts'
import type { PlanRule } from '#shared/ml/rules.ts'
import type { ProviderSetting } from '#shared/ml/settings.ts'
import type { AccessMode, Platform } from '#shared/model/account.ts'
import type { Send } from '#shared/model/message.ts'
import type { ApiState } from '#shared/model/state-store.ts'
import type { Calls } from '#shared/platforms/calls.ts'
import type { Consent } from '#shared/platforms/consent.ts'
import type { Logger } from '#shared/telemetry/logger.ts'
import type { Eta } from './forecast/eta.ts'
import type { Health } from './health.ts'
import type { KeyCheck } from './keys.ts'

/** What the API is put together from, once. */
export interface ApiDeps {
  readonly db: Db
  readonly bodies: BodyStore
  /** Calls counted and answers remembered, for a short time. */
  readonly state: ApiState
  readonly log: Logger
  readonly settings: ApiSettings
  /** Starts reading a platform. */
  readonly ringExtract: (platform: Platform) => Send
  readonly ringTransform: Send
  /** Says which tasks a caller ended, to a driver that keeps something open for each. */
  readonly sayEnded: (taskIds: readonly string[]) => Promise<void>
  /** By which right accounts of others are read. null: by their owners' tokens only. */
  readonly openAccess: (platform: Platform) => AccessMode | null
  /** The calls by which accounts are read; null: by this right none is asked about. */
  readonly callsOf: (platform: Platform, mode: AccessMode) => Calls | null
  /** How owners of a platform grant access. null: no app is set up for it. */
  readonly consentOf: (platform: Platform) => Consent | null
  /** Signs what Instagram says of owners. */
  readonly metaSecret: string | undefined
  /** Opens the data key of the tokens. null: there is none. */
  readonly dataKey: (() => Promise<Buffer>) | null
  /** By which messages of alerts leave. */
  readonly post: Post
  /** How it stands; answers of the last seconds are given again. */
  readonly health: () => Promise<Health>
  /** By what keys are distinguished from guesses, as it was within the last minute. */
  readonly keyCheck: () => Promise<KeyCheck>
  /** Expected ends worked out of late, by the id of the sync and the language. */
  readonly etas: Map<string, KnownEta>
}

interface ApiSettings {
  /** The key that may do everything. */
  readonly apiKey: string
  /** Calls in a minute, of each key. */
  readonly callsPerMinute: number
  readonly lookBackDays: number
  /** The provider's price of a job, in US dollars; undefined: plans have no cost of ML. */
  readonly mlJobUsd: number | undefined
  /** ML providers, and which contents get jobs of theirs. */
  readonly ml: { readonly providers: readonly ProviderSetting[]; readonly rules: readonly PlanRule[] }
  /** What signs addresses of pictures, and where a simulated world has them. null: none are handed out. */
  readonly media: { readonly key: string; readonly cdnUrl: string | undefined } | null
  /** Keys by which ML providers sign what they say of jobs, by their names. */
  readonly callbackKeys: Readonly<Record<string, string>>
  /** Where traces are looked at, with `{trace_id}` in it. */
  readonly traceUrl: string | undefined
  /** What owners are shown as the name of who asks. */
  readonly agencyName: string
  /** Where this API is reached; undefined: where the caller reached it. */
  readonly publicUrl: string | undefined
  /** Where the built console lies; undefined: beside the function. */
  readonly consoleFolder: string | undefined
}

interface KnownEta {
  readonly eta: Eta
  /** performance.now() when it was worked out. */
  readonly at: number
}
