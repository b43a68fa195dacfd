import type { Db } from '#shared/db/pool.ts'
import type { Send } from '#shared/model/message.ts'
import type { Connector } from '#shared/platforms/platform.ts'
import type { Logger } from '#shared/telemetry/logger.ts'

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
}

/** While tasks are in hand. */
export interface AskDeps extends ExtractDeps {
  /** Called before each call to the platform. */
  readonly keepLeases: () => Promise<void>
}
