import { setTimeout as after } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { UserError } from '../user-error.ts'
import { type Client, clientOf } from './client.ts'
import { runCommand } from './command.ts'
import { named } from './told.ts'
import * as views from './views.ts'

const help = `Checks a deployed stack end to end: health, one account from request to rows, every promise of the ledger.

  SOCIAL_SYNC_API_KEY=… npm run smoke -- URL

  --account ACCOUNT   the account that is synced (youtube:@YouTube)
  --minutes N         how long to wait for its rows (10)
  --help              this text
`

const Fault = z.object({ platform: z.string(), message: z.string(), remedy: z.string() })
const Health = z.object({ schema: z.string(), faults: z.array(Fault) })
const Verified = z.looseObject({ ok: z.boolean(), findings: z.array(z.looseObject({ name: z.string() })) })

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      account: { type: 'string', default: 'youtube:@YouTube' },
      minutes: { type: 'string', default: '10' },
      help: { type: 'boolean', default: false },
    },
  })
  const [url] = positionals
  if (values.help || !url) {
    process.stdout.write(help)
    return values.help ? 0 : 2
  }
  const key = process.env['SOCIAL_SYNC_API_KEY']
  if (!key) throw new UserError('set SOCIAL_SYNC_API_KEY to the key of the stack')
  await check(clientOf({ url: url.replace(/\/$/, ''), key }), values.account, Number(values.minutes))
  sayHowToEnd(url, values.account)
  return 0
}

const say = (text: string) => process.stdout.write(`ok  ${text}\n`)

/** Throws a UserError at the first thing that is not as it should be. */
async function check(client: Client, account: string, minutes: number): Promise<void> {
  const { schema, faults } = await client.ask('GET', '/health', Health)
  for (const { platform, message, remedy } of faults)
    throw new UserError(`${platform} refuses the app: ${message}; ${remedy}`)
  say(`health: the database answers, its schema is ${schema}`)
  const asked = { ...named(account), mode: 'incremental' }
  const { id } = await client.ask('POST', '/v1/syncs', z.object({ id: z.string() }), asked)
  const since = performance.now()
  const seconds = () => (performance.now() - since) / 1_000
  while (!(await isRead(client, id))) {
    if (seconds() > minutes * 60) throw new UserError(`sync ${id} is not read after ${minutes} minutes`)
    await after(1_000)
  }
  say(`sync ${id}: ${account} is on record within ${seconds().toFixed(0)} s`)
  const { ok, findings } = await client.ask('GET', '/v1/verify', Verified)
  if (!ok) throw new UserError(`promises are broken: ${findings.map(({ name }) => name).join('; ')}`)
  say('every promise of the ledger is kept')
}

const sayHowToEnd = (url: string, account: string) =>
  process.stdout.write(
    `\n    ${account} is followed from now on; to end that: SOCIAL_SYNC_URL=${url} npx social-sync pause ${account}\n`,
  )

/** Whether the account of a sync is on record; its ML jobs may take days. */
async function isRead(client: Client, id: string): Promise<boolean> {
  const { state, tasks } = await client.ask('GET', `/v1/syncs/${id}`, views.Sync)
  const [task] = tasks
  if (['failed', 'cancelled', 'incomplete'].includes(state))
    throw new UserError(`sync ${id} is ${state}: ${task?.problems[0] ?? 'see npx social-sync parked'}`)
  if (!task || !['enriching', 'done'].includes(task.status)) return false
  if (task.records.accepted === 0) throw new UserError(`sync ${id} has ended, and nothing is on record`)
  return true
}

await runCommand('npm run smoke --', main)
