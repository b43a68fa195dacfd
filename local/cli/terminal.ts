import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createLogUpdate } from 'log-update'
import { databaseUrl as withPassword } from '#shared/runtime/database-url.ts'
import { readState, type State } from '../state.ts'
import { UserError } from '../user-error.ts'

/** What a command knows of the process it runs in; tests give their own. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The working folder. */
  readonly folder: string
  out(text: string): void
  /** All that comes on standard input. */
  read(): Promise<string>
  err(text: string): void
  /** Replaces the line that shows progress; without a text it clears the line. Does nothing if stderr is no terminal. */
  progress(text?: string): void
}

export function processTerminal(): Terminal {
  const line = process.stderr.isTTY ? createLogUpdate(process.stderr) : undefined
  return {
    env: process.env,
    folder: process.cwd(),
    read: () => text(process.stdin),
    out: (given) => void process.stdout.write(given),
    err: (given) => void process.stderr.write(given),
    progress: (given) => (given === undefined ? line?.clear() : line?.(given)),
  }
}

/** The local cloud that runs in this folder; undefined: none does. */
export const localState = ({ folder }: Terminal): State | undefined => readState(join(folder, '.local'))

/** DATABASE_URL, else the database of the local cloud of this folder. Throws a UserError without either. */
export function databaseUrl(terminal: Terminal): string {
  const { DATABASE_URL: given, DATABASE_PASSWORD: password } = terminal.env
  if (given)
    return withPassword({ DATABASE_URL: given, ...(password ? { DATABASE_PASSWORD: password } : {}) })
  const url = localState(terminal)?.database_url
  if (url) return url
  throw new UserError('no database: set DATABASE_URL, or start the local cloud in this folder with npm start')
}

/** The data key of that database; undefined: it is not known. */
export function credentialsKey(terminal: Terminal): string | undefined {
  if (terminal.env['DATABASE_URL']) return terminal.env['CREDENTIALS_KEY'] || undefined
  return localState(terminal)?.credentials_key
}
