import { nameInUrl } from '#functions/sync/handles.ts'
import { platformNames } from '#shared/platforms/index.ts'
import { UserError } from '../user-error.ts'
import type { Client } from './client.ts'

export interface Flags {
  readonly json: boolean
  readonly full: boolean
  readonly backfill: boolean
  readonly ml: boolean
  readonly apply: boolean
  readonly all: boolean
  readonly 'no-wait': boolean
  readonly 'dry-run': boolean
  readonly yes: boolean
  readonly every?: string | undefined
  readonly of?: string | undefined
  readonly platform?: string | undefined
  readonly reason?: string | undefined
  readonly endpoint?: string | undefined
}

export interface Command {
  readonly usage: string
  readonly about: string
  /** Returns what is to be printed, and the exit code: 1 when something is not as it should be. */
  readonly run: (client: Client, args: readonly string[], flags: Flags) => Promise<Told>
}

export interface Told {
  readonly json: unknown
  readonly text: string
  readonly code: 0 | 1
}

export const told = (json: unknown, text: string, isWell = true): Told => ({
  json,
  text,
  code: isWell ? 0 : 1,
})

/** A name with its platform before it. */
export const prefixed = new RegExp(`^(${platformNames.join('|')}):(.+)$`)

/** `youtube:@handle`, or the address of a page. */
export function named(text: string | undefined): { platform?: string; handle: string } {
  if (!text) throw new UserError('name an account, such as youtube:@handle (see npx social-sync --help)')
  const [, platform, handle] = prefixed.exec(text) ?? []
  return platform && handle ? { platform, handle } : (nameInUrl(text) ?? { handle: text })
}
