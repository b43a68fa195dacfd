import type { BodyStore } from '#shared/db/body-store.ts'
import type { Db } from '#shared/db/pool.ts'
import type { AccountGone, RetryableError } from '#shared/errors.ts'
import type { AccessMode, Platform } from '#shared/model/account.ts'
import type { QuotaNeed } from '#shared/model/quota.ts'
import type { Connector } from '#shared/platforms/platform.ts'
import type { Logger } from '#shared/telemetry/logger.ts'
import type { Hand } from './hand.ts'
import type { Ends } from './outcome.ts'

/** How accounts are read by one right. */
export interface Reader {
  /** By whose token: the owner's of each account, one that serves many, or none. */
  readonly token: 'own' | 'shared' | null
  /** null: a setting for it is missing here. */
  readonly connector: Connector | null
}

/** All that reading a platform takes, put together once; runs and steps know no trigger and no environment. */
export interface ExtractDeps {
  readonly db: Db
  readonly bodies: BodyStore
  readonly platform: Platform
  /** What a person is to do when the platform refuses the app, in plain words. */
  readonly appRemedy: string
  /** By the right with which accounts are read. */
  readonly readers: Readonly<Partial<Record<AccessMode, Reader>>>
  /** Opens what is sealed about something. */
  readonly openSealed: (sealed: Buffer, about: string) => Promise<string>
  readonly log: Logger
  readonly leaseS: number
  readonly taskAttempts: number
  readonly lookBackMs: number
  /** Days after which an account is walked whole again. */
  readonly fullWalkDays: number
  /** Numbers of posts younger than that are refreshed. */
  readonly refreshDays: number
  readonly random: () => number
}

/** One run: what it came to is noted as it goes. */
export interface ExtractRun extends ExtractDeps {
  /** Ends calls to the platform; nothing further is begun. */
  readonly signal: AbortSignal
  readonly ends: Ends
  readonly finished: string[]
  /** Called when so many pages were kept: they can be transformed from now on. */
  readonly onKept: (pages: number) => Promise<void>
}

/** Outcomes of the accounts in this call, by which a fault of the app is distinguished from one of an account. */
interface Fared {
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

/** How a batch gives way to others. */
export interface Yielding {
  /** Between calls: serves those who wait for a sync, while `keepLeases` keeps what is in hand. */
  readonly serveUrgent: (keepLeases: () => Promise<void>) => Promise<void>
  /** Extends the leases of the tasks that this batch keeps waiting. */
  readonly keepOthers: () => Promise<void>
  /** Whether something further may be begun. */
  readonly goesOn: () => boolean
}

/** Tasks in hand whose accounts are read by one right. */
export interface Batch extends ExtractRun, Yielding {
  readonly access_mode: AccessMode
  readonly connector: Connector
  readonly hands: readonly Hand[]
  readonly fared: Fared
  /** Pages kept since `onKept` was called last. */
  readonly kept: { pages: number }
  /** Called before each call to the platform. */
  readonly keepLeases: () => Promise<void>
}
