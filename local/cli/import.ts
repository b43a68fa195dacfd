import { createReadStream, existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createGunzip } from 'node:zlib'
import { importPages } from '#functions/extract/import.ts'
import { hashHandles } from '#functions/sync/erase-account.ts'
import { type HashHandle, hasErasedHandles, isKeyOfErased } from '#shared/db/operations/erase.ts'
import { clock, shortestRules } from '#shared/db/operations/import.ts'
import { type Db, openPool } from '#shared/db/pool.ts'
import { messageOf } from '#shared/errors.ts'
import { ImportedPage } from '#shared/platforms/imported-page.ts'
import { settings } from '#shared/runtime/settings.ts'
import { UserError } from '../user-error.ts'
import { credentialsKey, databaseUrl, runCommand } from './command.ts'

const help = `Takes in answers of platforms that somebody else asked for: a file of JSON lines, plain or gzipped.

  npm run import -- FILE

  Each line is {"platform", "handle" or "native_id", "endpoint", "fetched_at", "body"}: what the platform's API said of one
  account at one time, the body as text. Repeated, nothing is kept twice. The running functions do the rest.

  --json            what came of it as one JSON object
  --help            this text

  DATABASE_URL      the database; without it that of the local cloud, which must be running
  DATABASE_PASSWORD its password, where the address has none
  CREDENTIALS_KEY   the data key, by which erased accounts are known; without DATABASE_URL that of the local cloud
`

const batch = { pages: 200, bytes: 8_000_000 }
const mostFaults = 5

/** The lines of a file that are pages; faults are told by their line. */
async function* readPages(file: string, faults: string[]): AsyncGenerator<ImportedPage> {
  let number = 0
  for await (const line of readLines(file)) {
    number += 1
    const page =
      line.trim() === '' ? undefined : readLine(line, (why) => faults.push(`line ${number}: ${why}`))
    if (page) yield page
  }
}

/** Unlike readline it ends with the error of a file that is cut off or cannot be read. */
async function* readLines(file: string): AsyncGenerator<string> {
  const raw = createReadStream(file)
  const zipped = file.endsWith('.gz') ? raw.pipe(createGunzip()) : null
  if (zipped) raw.on('error', (error) => zipped.destroy(error))
  let rest = ''
  const decoder = new TextDecoder()
  for await (const chunk of zipped ?? raw) {
    const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  yield rest
}

function readLine(line: string, fault: (why: string) => void): ImportedPage | undefined {
  try {
    const { success, data, error } = ImportedPage.safeParse(JSON.parse(line))
    if (!success)
      fault(error.issues.map(({ path, message }) => `${path.join('.') || 'line'}: ${message}`).join('; '))
    else if (data.handle === undefined && data.native_id === undefined) fault('handle or native_id is wanted')
    else return data
  } catch {
    fault('it is not JSON')
  }
  return undefined
}

interface Taken {
  /** Older than the rules of retention keep what is made of them. */
  tooOld: number
  kept: number
  known: number
  refused: number
}

/** By which accounts are known that were erased here. Throws a UserError when there are some and no key. */
async function keyOfErased(db: Db): Promise<HashHandle | null> {
  if (!(await hasErasedHandles(db))) return null
  const key = settings.CREDENTIALS_KEY.safeParse(credentialsKey()).data
  const hashHandle = key ? hashHandles(Buffer.from(key, 'base64')) : null
  if (hashHandle && (await isKeyOfErased(db, hashHandle))) return hashHandle
  throw new UserError(
    'accounts were erased here, which only the data key of their time can tell: set CREDENTIALS_KEY to it, 32 bytes in base64',
  )
}

/** Keeps the pages of a file batch by batch, so that what was kept stays kept, whatever comes after. */
async function takeIn(file: string, db: Db, taken: Taken, faults: string[]): Promise<void> {
  const hashHandle = await keyOfErased(db)
  const rules = await shortestRules(db)
  const now = (await clock(db)).getTime()
  let waiting: ImportedPage[] = []
  let bytes = 0
  const keep = async () => {
    if (waiting.length === 0) return
    const { kept, known, refused } = await importPages(db, waiting, hashHandle)
    taken.kept += kept
    taken.known += known
    taken.refused += refused
    waiting = []
    bytes = 0
    if (process.stderr.isTTY) process.stderr.write(`\r${taken.kept} pages kept`)
  }
  for await (const page of readPages(file, faults)) {
    waiting.push(page)
    if (now - page.fetched_at.getTime() > (rules.get(page.platform) ?? Number.POSITIVE_INFINITY) * 86_400_000)
      taken.tooOld += 1
    bytes += page.body.length
    if (waiting.length >= batch.pages || bytes >= batch.bytes) await keep()
  }
  await keep()
}

function tell({ kept, known, refused, tooOld }: Taken, faults: readonly string[], asJson: boolean): void {
  const text = `${kept} pages kept, ${known} known already, ${refused} refused (of a time to come, or of an erased account)`
  process.stdout.write(`${asJson ? JSON.stringify({ kept, known, refused, faults: faults.length }) : text}\n`)
  if (tooOld > 0)
    process.stderr.write(
      `${tooOld} pages are older than the table retention keeps: raise keep_days before the next night, or it deletes what they say\n`,
    )
  for (const fault of faults.slice(0, mostFaults)) process.stderr.write(`${fault}\n`)
  if (faults.length > mostFaults) process.stderr.write(`… and ${faults.length - mostFaults} more lines\n`)
}

async function main(): Promise<number> {
  const flag = { type: 'boolean', default: false } as const
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: flag, help: flag } })
  const [file] = positionals
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  if (!file || positionals.length > 1) throw new UserError('give one file (see npm run import -- --help)')
  if (!existsSync(file)) throw new UserError(`there is no file ${file}`)
  const db = openPool({ url: databaseUrl(), max: 1, ca: process.env['DATABASE_CA'] })
  const taken: Taken = { tooOld: 0, kept: 0, known: 0, refused: 0 }
  const faults: string[] = []
  try {
    await takeIn(file, db, taken, faults)
  } catch (error) {
    throw new UserError(
      `stopped after ${taken.kept} pages: ${messageOf(error)}; the same command goes on from there`,
    )
  } finally {
    await db.end()
  }
  tell(taken, faults, values.json)
  return faults.length > 0 ? 1 : 0
}

await runCommand('npm run import --', main)
