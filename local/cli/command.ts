import { join } from 'node:path'
import { databaseUrl as withPassword } from '#shared/runtime/database-url.ts'
import { readState } from '../state.ts'
import { UserError } from '../user-error.ts'

/** The database named by the environment, or that of the local cloud that runs here. Throws a UserError without one. */
export function databaseUrl(): string {
  const { DATABASE_URL: given, DATABASE_PASSWORD: password } = process.env
  if (given)
    return withPassword({ DATABASE_URL: given, ...(password ? { DATABASE_PASSWORD: password } : {}) })
  const url = readState(join(process.cwd(), '.local'))?.database_url
  if (url) return url
  throw new UserError('no database: set DATABASE_URL, or start the local cloud beside this with npm start')
}

/** The data key that belongs to that database; undefined: none is told. */
export function credentialsKey(): string | undefined {
  if (process.env['DATABASE_URL']) return process.env['CREDENTIALS_KEY'] || undefined
  return readState(join(process.cwd(), '.local'))?.credentials_key
}

/** Runs a command to its exit code; what a person can mend is one line and exit 2. `name` is what a person types. */
export async function runCommand(name: string, main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main()
  } catch (error) {
    const isPersons = error instanceof UserError || isUsage(error)
    const message = error instanceof Error ? error.message : String(error)
    const text = isUsage(error) ? `${message} (see ${name} --help)` : message
    process.stderr.write(`${isPersons ? text : (error as Error).stack}\n`)
    process.exitCode = isPersons ? 2 : 1
  }
}

/** An option that is not known. */
const isUsage = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
