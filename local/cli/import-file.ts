import { createReadStream, existsSync } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { importPages } from '#functions/extract/import.ts'
import { shortestRules } from '#shared/db/operations/import.ts'
import { type Db, openPool } from '#shared/db/pool.ts'
import { type HashHandle, hasErasedHandles, hashHandles, isKeyOfErased } from '#shared/db/tables/erasures.ts'
import { clock } from '#shared/db/views/clock.ts'
import { messageOf } from '#shared/errors.ts'
import { ImportedPage } from '#shared/platforms/imported-page.ts'
import { settings } from '#shared/runtime/settings.ts'
import { UserError } from '../user-error.ts'
import { type Result, result } from './result.ts'
import { credentialsKey, databaseUrl, type Terminal } from './terminal.ts'

const batch = { pages: 200, bytes: 8_000_000 }
const mostFaults = 5

/** The lines of a file that are pages; a fault names its line. */
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
    else if (data.handle === undefined && data.native_id === undefined)
      fault('handle or native_id is missing')
    else return data
  } catch {
    fault('it is not JSON')
  }
  return undefined
}

interface Progress {
  readonly counts: Counts
  readonly faults: string[]
}

interface Counts {
  /** Older than retention keeps their rows. */
  tooOld: number
  kept: number
  known: number
  refused: number
}

/** Recognises erased accounts; null: there are none. Throws a UserError if there are some and the key is missing or another. */
async function keyOfErased(db: Db, terminal: Terminal): Promise<HashHandle | null> {
  if (!(await hasErasedHandles(db))) return null
  const key = settings.CREDENTIALS_KEY.safeParse(credentialsKey(terminal)).data
  const hashHandle = key ? hashHandles(Buffer.from(key, 'base64')) : null
  if (hashHandle && (await isKeyOfErased(db, hashHandle))) return hashHandle
  throw new UserError(
    'set CREDENTIALS_KEY (32 bytes in base64) to the key in use when accounts were erased: only it recognises them',
  )
}

/** Stores the pages of a file batch by batch: a stored batch stays, whatever comes after. */
async function storePages(
  file: string,
  db: Db,
  terminal: Terminal,
  { counts, faults }: Progress,
): Promise<void> {
  const hashHandle = await keyOfErased(db, terminal)
  const rules = await shortestRules(db)
  const now = (await clock(db)).getTime()
  let waiting: ImportedPage[] = []
  let bytes = 0
  const keep = async () => {
    if (waiting.length === 0) return
    const { kept, known, refused } = await importPages(db, waiting, hashHandle)
    counts.kept += kept
    counts.known += known
    counts.refused += refused
    waiting = []
    bytes = 0
    terminal.progress(`${counts.kept} pages kept`)
  }
  for await (const page of readPages(file, faults)) {
    waiting.push(page)
    if (now - page.fetched_at.getTime() > (rules.get(page.platform) ?? Number.POSITIVE_INFINITY) * 86_400_000)
      counts.tooOld += 1
    bytes += page.body.length
    if (waiting.length >= batch.pages || bytes >= batch.bytes) await keep()
  }
  await keep()
}

/** Stores the answers in a file of JSON lines. Throws a UserError if the file or the database fails. */
export async function importFile(terminal: Terminal, file: string): Promise<Result> {
  if (!existsSync(file)) throw new UserError(`there is no file ${file}`)
  const db = openPool({ url: databaseUrl(terminal), max: 1, ca: terminal.env['DATABASE_CA'] })
  const progress: Progress = { counts: { tooOld: 0, kept: 0, known: 0, refused: 0 }, faults: [] }
  try {
    await storePages(file, db, terminal, progress)
  } catch (error) {
    throw new UserError(
      `stopped after ${progress.counts.kept} pages: ${messageOf(error)}; run the same command to go on`,
    )
  } finally {
    terminal.progress()
    await db.end()
  }
  warn(terminal, progress)
  const { kept, known, refused } = progress.counts
  return result(
    { kept, known, refused, faults: progress.faults.length },
    `${kept} pages kept, ${known} known already, ${refused} refused (dated in the future, or of an erased account)`,
    progress.faults.length === 0,
  )
}

function warn({ err }: Terminal, { counts, faults }: Progress): void {
  if (counts.tooOld > 0)
    err(
      `${counts.tooOld} pages are older than table retention allows: raise keep_days, or the next sweep deletes their rows\n`,
    )
  for (const fault of faults.slice(0, mostFaults)) err(`${fault}\n`)
  if (faults.length > mostFaults) err(`… and ${faults.length - mostFaults} more lines\n`)
}
