import type { Db } from '#shared/db/pool.ts'
import type { AccountGone, RetryableError } from '#shared/errors.ts'
import type { AccessMode } from '#shared/model/account.ts'
import type { Send } from '#shared/model/message.ts'
import type { QuotaNeed } from '#shared/model/quota.ts'
import type { Connector } from '#shared/platforms/platform.ts'
import type { Logger } from '#shared/telemetry/logger.ts'
import type { Hand } from './hand.ts'

/** All that extracting needs; passed in, so that a step knows no trigger and no environment. */
export interface ExtractDeps {
  readonly db: Db
  readonly connector: Connector
  /** Opens what is sealed about something. */
  readonly openSealed: (sealed: Buffer, about: string) => Promise<string>
  /** Rings transform. */
  readonly ringTransform: Send
  /** Rings extract itself, for tasks given back. */
  readonly ringExtract: Send
  readonly log: Logger
  readonly leaseS: number
  readonly taskAttempts: number
  readonly lookBackMs: number
  /** Days after which an account is walked whole again. */
  readonly fullWalkDays: number
  /** Numbers of posts younger than that are refreshed. */
  readonly refreshDays: number
  readonly random: () => number
  /** Between its calls: serves those who wait for a sync, while `keepLeases` keeps what is in hand. */
  readonly serveUrgent: (keepLeases: () => Promise<void>) => Promise<void>
  /** Keeps what others have in hand meanwhile. */
  readonly keepOthers: () => Promise<void>
}

/** How accounts fared while they were in hand, for telling a fault of the app from one of theirs. */
export interface Fared {
  /** Refusals not weighed yet. */
  readonly refused: Refused[]
  /** Accounts answered well, by the call. */
  readonly answered: Map<string, Set<string>>
  /** Whether the app is held to be refused. */
  isAppRefused: boolean
}

/** An account that was refused by a call, and how. */
export interface Refused {
  readonly hand: Hand
  readonly endpoint: string
  readonly need: QuotaNeed
  readonly error: AccountGone | RetryableError
  readonly code: string
}

/** While tasks are in hand. */
export interface AskDeps extends ExtractDeps {
  /** By which right the accounts in hand are read. */
  readonly access_mode: AccessMode
  /** How accounts fared so far. */
  readonly fared: Fared
  /** Called before each call to the platform. */
  readonly keepLeases: () => Promise<void>
}
