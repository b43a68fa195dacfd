import { setTimeout as after } from 'node:timers/promises'
import { Health, Verified } from '#functions/sync/api/checks.ts'
import { Started, SyncView } from '#functions/sync/api/sync.ts'
import { UserError } from '../user-error.ts'
import { checkAlarms } from './alarms.ts'
import { type Client, clientOf } from './client.ts'
import { type Result, result } from './result.ts'
import type { Terminal } from './terminal.ts'

/** Checks a stack from the outside, step by step. Throws a UserError at the first fault. */
export async function checkStack(
  terminal: Terminal,
  url: string,
  {
    account,
    minutes,
    alarms,
  }: { readonly account: string; readonly minutes: number; readonly alarms: boolean },
): Promise<Result> {
  const key = terminal.env['SOCIAL_SYNC_API_KEY']
  if (!key) throw new UserError('set SOCIAL_SYNC_API_KEY to the key of the stack')
  const client = clientOf({ url: url.replace(/\/$/, ''), key })
  const checks = [
    await checkHealth(client),
    await checkSync(client, account, minutes),
    await checkLedger(client),
    ...(alarms ? [await checkAlarms(terminal)] : []),
  ]
  const undo = `${account} is followed from now on; to stop that: SOCIAL_SYNC_URL=${url} npx social-sync pause ${account}`
  return result(
    { ok: true, checks },
    [...checks.map((check) => `ok  ${check}`), '', `    ${undo}`].join('\n'),
  )
}

async function checkHealth(client: Client): Promise<string> {
  const { schema, faults } = await client.ask('GET', '/health', Health)
  for (const { platform, message, remedy } of faults)
    throw new UserError(`${platform}: ${message}; ${remedy}`)
  return `health: the database answers, its schema is ${schema}`
}

async function checkSync(client: Client, account: string, minutes: number): Promise<string> {
  const body = { handle: account, mode: 'incremental' }
  const { id } = await client.ask('POST', '/v1/syncs', Started, body)
  const since = performance.now()
  const seconds = () => (performance.now() - since) / 1_000
  while (!(await isRead(client, id))) {
    if (seconds() > minutes * 60) throw new UserError(`sync ${id} has no rows after ${minutes} minutes`)
    await after(1_000)
  }
  return `sync ${id}: ${account} is on record within ${seconds().toFixed(0)} s`
}

async function checkLedger(client: Client): Promise<string> {
  const { ok, invariants, findings } = await client.ask('GET', '/v1/verify', Verified)
  if (!ok) throw new UserError(`invariants are broken: ${findings.map(({ name }) => name).join('; ')}`)
  return `all ${invariants.length} invariants of the ledger hold`
}

/** Whether the account of a sync is on record; its ML jobs may take days. */
async function isRead(client: Client, id: string): Promise<boolean> {
  const { state, tasks } = await client.ask('GET', `/v1/syncs/${id}`, SyncView)
  const [task] = tasks
  if (['failed', 'cancelled', 'incomplete'].includes(state))
    throw new UserError(`sync ${id} is ${state}: ${task?.problems[0] ?? 'see npx social-sync parked'}`)
  if (!task || !['enriching', 'done'].includes(task.status)) return false
  if (task.records.accepted === 0) throw new UserError(`sync ${id} has ended, and nothing is on record`)
  return true
}
