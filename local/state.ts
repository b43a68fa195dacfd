import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { UserError } from './user-error.ts'

/** What other programs on this machine need to use the local cloud; it has the key, so only the owner may read it. */
const State = z.object({
  pid: z.int().nullable(),
  url: z.string().nullable(),
  api_key: z.string().min(32),
  /** The data key of OAuth tokens in databases of this folder. */
  credentials_key: z.base64().default(() => randomBytes(32).toString('base64')),
  database_url: z.string().nullable(),
  /** The same as a role that only reads. null: the database is not of this folder. */
  read_url: z.string().nullable().default(null),
  data_folder: z.string().nullable(),
  /** Addresses of the simulators, by name; each has a page /__sim that switches faults. */
  simulators: z.record(z.string(), z.string()).default({}),
})
export type State = z.infer<typeof State>

const pathOf = (folder: string) => join(folder, 'state.json')

/** undefined: there is none, or it cannot be read. */
export function readState(folder: string): State | undefined {
  try {
    return State.parse(JSON.parse(readFileSync(pathOf(folder), 'utf8')))
  } catch {
    return undefined
  }
}

/** A start that has written no address after this time has ended: another process has its pid by now. */
const longestStartMs = 120_000

/** Takes the folder for this process; refuses when another one has it. The API key stays from run to run. */
export async function takeFolder(folder: string): Promise<State> {
  const earlier = readState(folder)
  if (
    earlier?.pid &&
    earlier.pid !== process.pid &&
    isAlive(earlier.pid) &&
    (await runs(folder, earlier.url))
  ) {
    throw new UserError(
      `a local cloud is running already (process ${earlier.pid}${earlier.url ? `, ${earlier.url}` : ''})`,
    )
  }
  const api_key = earlier?.api_key ?? randomBytes(32).toString('base64url')
  const credentials_key = earlier?.credentials_key ?? randomBytes(32).toString('base64')
  const none = { url: null, database_url: null, read_url: null, data_folder: null, simulators: {} }
  const state = { ...none, pid: process.pid, api_key, credentials_key }
  writeState(folder, state)
  return state
}

export function writeState(folder: string, state: State): void {
  mkdirSync(folder, { recursive: true })
  const draft = `${pathOf(folder)}.${process.pid}`
  rmSync(draft, { force: true })
  writeFileSync(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 })
  renameSync(draft, pathOf(folder))
}

/** Another process may have the number by now: a local cloud answers at its address, or is just starting. */
async function runs(folder: string, url: string | null): Promise<boolean> {
  if (url === null) return Date.now() - statSync(pathOf(folder)).mtimeMs < longestStartMs
  const reached = fetch(url, { signal: AbortSignal.timeout(5_000) })
  return reached.then(
    () => true,
    () => false,
  )
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
