import type { FreshTokens } from '../model/credential.ts'

/** What the window of a platform is opened with. */
interface ConsentWindow {
  /** Where the owner is sent back to; registered with the platform, to the letter. */
  readonly redirect: string
  /** Comes back as it is. */
  readonly state: string
  /** Secret of the caller, by which the code is bound to it (PKCE), where the platform has that. */
  readonly verifier: string
}

/** What the owner came back with. */
interface ConsentCode extends Omit<ConsentWindow, 'state'> {
  readonly code: string
}

/** What an owner granted. */
export interface Granted {
  /** Ids that the platform has for the account, first the one by which the connector reads it. */
  readonly ids: readonly string[]
  readonly handle: string | null
  /** How the platform names the owner towards this app. null: not otherwise. */
  readonly app_user_id: string | null
  readonly tokens: FreshTokens
  readonly scopes: readonly string[]
}

/** A right that is asked for. */
export interface ConsentScope {
  readonly name: string
  /** What it gives, in words. */
  readonly gives: string
  /** Without it nothing can be read. */
  readonly isNeeded: boolean
}

/** How owners of a platform grant access to their accounts (OAuth authorization code). */
export interface Consent {
  readonly scopes: readonly ConsentScope[]
  /** The address of the platform's window. */
  window(opened: ConsentWindow): string
  /** Exchanges the code, which works once. Throws a ConsentRefused; tokens and the code never reach a message. */
  exchange(came: ConsentCode, signal: AbortSignal): Promise<Granted>
}

/** Why a platform gave no token. */
export type ConsentFault = 'code' | 'redirect' | 'app' | 'account' | 'unavailable'

/** A platform gave no token for a code. */
export class ConsentRefused extends Error {
  override readonly name = 'ConsentRefused'
  readonly fault: ConsentFault

  constructor(fault: ConsentFault, message: string) {
    super(message)
    this.fault = fault
  }
}
