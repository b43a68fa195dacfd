import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { openYdbBodies, openYdbState } from '#shared/cloud/ydb.ts'
import { messageOf } from '#shared/errors.ts'
import { checks } from './checks.ts'
import { stateChecks } from './state-checks.ts'

const help = `npm run ydb:check -- grpcs://host:port/path
  Checks a database of YDB as the product uses it, in two tables of its own that are dropped at the end.
  YDB_TOKEN: an IAM token (yc iam create-token); absent: the service account of this machine.`

const say = (line: string) => process.stdout.write(`${line}\n`)
const { values, positionals } = parseArgs({
  options: { help: { type: 'boolean', short: 'h', default: false } },
  allowPositionals: true,
})
const [url] = positionals
if (values.help || url === undefined || !/^grpcs?:\/\/[^/]+\/./.test(url)) {
  say(help)
  process.exit(values.help ? 0 : 2)
}

interface Table {
  readonly name: string
  createTable(): Promise<void>
  dropTable(): Promise<void>
  close(): Promise<void>
}

/** Makes the table, checks, and drops it. Returns how much failed. */
async function checkIn<Store extends Table>(
  store: Store,
  all: readonly (readonly [what: string, check: (store: Store) => Promise<void>])[],
): Promise<number> {
  let failed = 0
  try {
    await store.createTable()
    for (const [what, check] of all) if (!(await isRight(what, () => check(store)))) failed += 1
  } catch (error) {
    failed += 1
    say(messageOf(error))
  } finally {
    await store
      .dropTable()
      .catch((error: unknown) => say(`drop the table ${store.name} by hand: ${messageOf(error)}`))
    await store.close()
  }
  return failed
}

async function isRight(what: string, check: () => Promise<void>): Promise<boolean> {
  const since = performance.now()
  const fault = await check().then(
    () => undefined,
    (error: unknown) => messageOf(error),
  )
  const took = `${((performance.now() - since) / 1_000).toFixed(1)} s`.padStart(7)
  say(`${fault === undefined ? '✓' : '✗'} ${took}  ${what}${fault === undefined ? '' : `: ${fault}`}`)
  return fault === undefined
}

const name = `social_sync_check_${randomBytes(4).toString('hex')}`
const options = { url, token: process.env['YDB_TOKEN'], limitMs: 60_000 }
const bodies = `${name}_bodies`
const state = `${name}_state`
const failed =
  (await checkIn({ ...openYdbBodies({ ...options, table: bodies }), name: bodies }, checks)) +
  (await checkIn({ ...openYdbState({ ...options, table: state }), name: state }, stateChecks))
say(failed === 0 ? 'RAW_STORE=ydb and STATE_STORE=ydb can be used with it' : `${failed} checks failed`)
process.exit(failed === 0 ? 0 : 1)
