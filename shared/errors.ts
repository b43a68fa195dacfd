/**
 * An error class is a verdict: what is to happen next, and whose fault it is, not what went wrong. What went wrong is the
 * message and rides in `cause`.
 */

/**
 * A message as people read it and PostgreSQL stores it, whatever a platform has put into its part of it: without control
 * characters and halves of characters.
 */
export const oneLine = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ').toWellFormed()

/**
 * What a refusal is about: this call alone, its whole quota pool for a while, the pool's whole window, or the day in which
 * the platform counts.
 */
export type Scope = 'call' | 'pool' | 'window' | 'day'

interface RetryOptions {
  /** Not before so many milliseconds from now; the caller's own back-off when absent. */
  readonly afterMs?: number | undefined
  readonly scope?: Scope
  /** Short code shown to people, for example `quota`. */
  readonly reason?: string
  /** The answer is lost: what was asked for may have happened. */
  readonly maybeDone?: boolean
  /** The platform's own code of a refusal that is weighed against those of other accounts. null: it is not. */
  readonly code?: string | null
  /** Whether the attempt counts against what was asked for; by default when it is about this call alone. */
  readonly counts?: boolean
  /** Attempts after which there is no sense in further ones; the caller's own bound when absent. */
  readonly most?: number | undefined
  readonly cause?: unknown
}

/** A store beside the database cannot be used: as if the database were away, no verdict on what was to be read or kept. */
export class StoreAway extends Error {
  override readonly name: string = 'StoreAway'

  constructor(message: string, options: ErrorOptions = {}) {
    super(oneLine(message), options)
  }
}

/** Try again later; nothing is lost by waiting. */
export class RetryableError extends Error {
  override readonly name: string = 'RetryableError'
  readonly afterMs: number | undefined
  readonly scope: Scope
  readonly reason: string
  readonly maybeDone: boolean
  readonly code: string | null
  readonly counts: boolean
  readonly most: number | undefined

  constructor(message: string, options: RetryOptions = {}) {
    super(oneLine(message), { cause: options.cause })
    this.afterMs = options.afterMs
    this.scope = options.scope ?? 'call'
    this.reason = options.reason ?? 'retry'
    this.maybeDone = options.maybeDone ?? false
    this.code = options.code ?? null
    this.counts = options.counts ?? this.scope === 'call'
    this.most = options.most
  }

  /** How long the pool is to rest: at least a second, whatever was asked; 0 when the refusal is about this call alone. */
  get poolPauseMs(): number {
    return this.scope === 'call' ? 0 : Math.max(1_000, this.afterMs ?? 60_000)
  }
}

/** The platform no longer knows the place in its list: begin a new walk from page 1. */
export class CursorRefused extends RetryableError {
  override readonly name = 'CursorRefused'
}

/** The same may be asked again at once in another form: the connector has learnt what was wrong with this one. */
export class AskAgain extends RetryableError {
  override readonly name = 'AskAgain'
}

/** A refusal that no table knows. In the middle of a list it is about the place; elsewhere it is tried again a few times. */
export class UnknownRefusal extends RetryableError {
  override readonly name = 'UnknownRefusal'

  constructor(message: string, code: string) {
    super(message, { reason: 'refused', code, most: 3 })
  }
}

/** The app is at fault: its key, permission, review or billing. Its accounts wait until it is put right, and keep their state. */
export class AppFault extends RetryableError {
  override readonly name = 'AppFault'

  constructor(message: string, cause?: unknown) {
    super(message, { scope: 'pool', reason: 'credential', afterMs: 3_600_000, cause })
  }
}

/**
 * The caller's signal ended a call before its answer came. This is no verdict: the call may have had its effect, and what it
 * was made for is given back as it was.
 */
export class Stopped extends Error {
  override readonly name = 'Stopped'
}

/** Trying again would give the same; a person must look. */
export class TerminalError extends Error {
  override readonly name: string = 'TerminalError'
  readonly reason: string

  constructor(message: string, options: { readonly reason?: string; readonly cause?: unknown } = {}) {
    super(oneLine(message), { cause: options.cause })
    this.reason = options.reason ?? 'terminal'
  }
}

type GoneStatus = 'missing' | 'suspended' | 'closed' | 'private' | 'reauth_required' | 'unsupported'

interface GoneOptions {
  /** The platform's own code, weighed against the refusals of other accounts. null: we ourselves found it out. */
  readonly code: string | null
  /** Counts at once; otherwise only when a second look, a day later, shows the same. */
  readonly isCertain: boolean
  readonly cause?: unknown
}

/** The account itself cannot be read any more; its new status says why. */
export class AccountGone extends TerminalError {
  override readonly name = 'AccountGone'
  readonly status: GoneStatus
  readonly code: string | null
  readonly isCertain: boolean

  constructor(message: string, status: GoneStatus, { code, isCertain, cause }: GoneOptions) {
    super(message, { reason: status, cause })
    this.status = status
    this.code = code
    this.isCertain = isCertain
  }
}

/** One line for people; the message of anything thrown. */
export function messageOf(error: unknown): string {
  // A refused connection is an AggregateError without a message of its own.
  if (error instanceof AggregateError && error.message === '') return messageOf(error.errors[0])
  return oneLine(error instanceof Error ? error.message : String(error))
}
