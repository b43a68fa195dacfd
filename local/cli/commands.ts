import { setTimeout as after } from 'node:timers/promises'
import { createLogUpdate } from 'log-update'
import pRetry, { type Options } from 'p-retry'
import * as z from 'zod'
import { counted } from '#functions/sync/words.ts'
import { UserError } from '../user-error.ts'
import { columns, number } from '../view/frame.ts'
import { accountCommands } from './account-commands.ts'
import { type Client, Unavailable } from './client.ts'
import { lookCommands } from './look-commands.ts'
import { parkedCommands } from './parked-commands.ts'
import { type Command, type Flags, named, type Told, told } from './told.ts'
import * as views from './views.ts'

async function sync(client: Client, [name]: readonly string[], flags: Flags): Promise<Told> {
  const body = views.wanted(named(name), flags)
  const { id } = await client.ask('POST', '/v1/syncs', z.object({ id: z.string() }), body)
  const state = flags['no-wait'] ? await look(client, id) : await waitFor(client, id)
  return told(state, views.syncText(state), flags['no-wait'] || views.isWell(state))
}

const look = (client: Client, id: string) => client.ask('GET', `/v1/syncs/${id}`, views.Sync)

/** Follows a sync until it is final, with a bar where a person looks on. An API that is away is waited for, some minutes. */
async function waitFor(client: Client, id: string): Promise<views.Sync> {
  const show = process.stderr.isTTY ? createLogUpdate(process.stderr) : undefined
  for (;;) {
    const state = await pRetry(() => look(client, id), patience)
    show?.(views.progressText(state))
    if (!['running', 'waiting'].includes(state.state)) {
      show?.clear()
      return state
    }
    await after(500)
  }
}

/** About four minutes in all. */
const patience: Options = {
  retries: 30,
  maxTimeout: 10_000,
  shouldRetry: ({ error }) => error instanceof Unavailable,
}

async function status(client: Client, [id]: readonly string[]): Promise<Told> {
  if (id) {
    const state = await look(client, numbered(id))
    return told(state, views.syncText(state), views.isWell(state))
  }
  const { items } = await client.ask(
    'GET',
    '/v1/syncs?limit=10',
    z.object({ items: z.array(views.SyncLine) }),
  )
  return told(items, items.length > 0 ? views.syncsText(items) : 'nothing was synced yet')
}

async function verify(client: Client): Promise<Told> {
  const Finding = z.object({
    name: z.string(),
    count: z.int().nullable(),
    sample: z.array(z.object({ id: z.string(), what: z.string() })),
  })
  const answer = await client.ask(
    'GET',
    '/v1/verify',
    z.object({ ok: z.boolean(), findings: z.array(Finding) }),
  )
  const rows = answer.findings.map(({ name, count, sample }) => [
    name,
    count === null ? 'no time to look' : `${number(count)} violated`,
    sample.map(({ id, what }) => `${id} ${what}`).join(', '),
  ])
  return told(answer, answer.ok ? 'every promise is kept' : columns(rows), answer.ok)
}

/** A sync by its number. */
function numbered(id: string | undefined): string {
  if (id !== undefined && /^\d+$/.test(id)) return id
  throw new UserError('name a sync by its number: npx social-sync status lists them')
}

async function cancel(client: Client, [id]: readonly string[]): Promise<Told> {
  const Answer = z.object({ cancelled: z.int(), shared: z.int() })
  const answer = await client.ask('POST', `/v1/syncs/${numbered(id)}/cancel`, Answer)
  const shared = answer.shared > 0 ? `; ${number(answer.shared)} go on, since others wait for them too` : ''
  return told(answer, `${counted(answer.cancelled, 'account')} cancelled${shared}`)
}

async function retry(client: Client, [old]: readonly string[], flags: Flags): Promise<Told> {
  const { id } = await client.ask('POST', `/v1/syncs/${numbered(old)}/retry`, z.object({ id: z.string() }))
  const state = flags['no-wait'] ? await look(client, id) : await waitFor(client, id)
  return told(state, views.syncText(state), flags['no-wait'] || views.isWell(state))
}

/** By the name that is typed. */
export const commands: Readonly<Record<string, Command>> = {
  ...accountCommands,
  sync: {
    usage: 'sync ACCOUNT',
    about: 'sync it now and wait; --full for every post, --backfill when quota is left over, --no-wait',
    run: sync,
  },
  status: { usage: 'status [SYNC]', about: 'the last syncs, or one of them', run: status },
  cancel: {
    usage: 'cancel SYNC',
    about: 'cancel it; what others wait for too goes on for them',
    run: cancel,
  },
  retry: {
    usage: 'retry SYNC',
    about: 'ask again for the accounts of it that failed or were cancelled',
    run: retry,
  },
  ...lookCommands,
  ...parkedCommands,
  verify: { usage: 'verify', about: 'check every promise of the ledger', run: verify },
}
