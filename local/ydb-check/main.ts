import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { openYdbBodies } from '#shared/cloud/ydb.ts'
import { messageOf } from '#shared/errors.ts'
import { checks } from './checks.ts'

const help = `npm run ydb:check -- grpcs://host:port/path
  Checks a database of YDB as the product uses it, in a table of its own that is dropped at the end.
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
const table = `social_sync_check_${randomBytes(4).toString('hex')}`
const far = openYdbBodies({ url, token: process.env['YDB_TOKEN'], table, limitMs: 60_000 })
let failed = 0
try {
  await far.createTable()
  for (const [what, check] of checks) {
    const since = performance.now()
    const fault = await check(far).then(
      () => undefined,
      (error: unknown) => messageOf(error),
    )
    if (fault !== undefined) failed += 1
    const took = `${((performance.now() - since) / 1_000).toFixed(1)} s`.padStart(7)
    say(`${fault === undefined ? '✓' : '✗'} ${took}  ${what}${fault === undefined ? '' : `: ${fault}`}`)
  }
} catch (error) {
  failed += 1
  say(messageOf(error))
} finally {
  await far.dropTable().catch((error: unknown) => say(`drop the table ${table} by hand: ${messageOf(error)}`))
  await far.close()
}
say(failed === 0 ? 'RAW_STORE=ydb can be used with it' : `${failed} checks failed`)
process.exit(failed === 0 ? 0 : 1)
