import { setTimeout as after } from 'node:timers/promises'
import { createLogUpdate } from 'log-update'
import * as z from 'zod'
import { UserError } from '../user-error.ts'
import { columns, number } from '../view/frame.ts'
import type { Client } from './client.ts'
import * as views from './views.ts'

interface Flags {
  readonly json: boolean
  readonly full: boolean
  readonly 'no-wait': boolean
  readonly 'dry-run': boolean
  readonly yes: boolean
  readonly every?: string | undefined
  readonly platform?: string | undefined
  readonly reason?: string | undefined
}

export interface Command {
  readonly usage: string
  readonly about: string
  /** Returns what is to be printed, and the exit code: 1 when something is not as it should be. */
  readonly run: (client: Client, args: readonly string[], flags: Flags) => Promise<Told>
}

interface Told {
  readonly json: unknown
  readonly text: string
  readonly code: 0 | 1
}

const told = (json: unknown, text: string, isWell = true): Told => ({ json, text, code: isWell ? 0 : 1 })

/** `youtube:@handle`, or the address of a page. */
function named(text: string | undefined): { platform?: string; handle: string } {
  if (!text) throw new UserError('name an account, such as youtube:@handle (see npx social-sync --help)')
  const [, platform, handle] = /^(youtube|instagram|tiktok):(.+)$/.exec(text) ?? []
  return platform && handle ? { platform, handle } : { handle: text }
}

const query = (flags: Flags) => ({
  ...(flags.platform ? { platform: flags.platform } : {}),
  ...(flags.reason ? { reason: flags.reason } : {}),
})

async function follow(client: Client, [name]: readonly string[], { every }: Flags): Promise<Told> {
  const body = { ...named(name), ...(every ? { sync_every_minutes: Number(every) } : {}) }
  const account = await client.ask('POST', '/v1/accounts', views.Account, body)
  return told(
    account,
    `${views.accountsText([account])}\n\n  Next   npx social-sync sync ${account.platform}:${account.handle ?? account.native_id}`,
  )
}

async function sync(client: Client, [name]: readonly string[], flags: Flags): Promise<Told> {
  const { platform, handle } = named(name)
  // The address of a page names its platform; following what is followed changes nothing.
  const account = platform ? undefined : await client.ask('POST', '/v1/accounts', views.Account, { handle })
  const body = {
    platform: platform ?? account?.platform,
    handle: platform ? handle : (account?.handle ?? account?.native_id),
    mode: flags.full ? 'full' : 'incremental',
  }
  const { id } = await client.ask('POST', '/v1/syncs', z.object({ id: z.string() }), body)
  const state = flags['no-wait'] ? await look(client, id) : await waitFor(client, id)
  return told(state, views.syncText(state), flags['no-wait'] || state.state === 'done')
}

const look = (client: Client, id: string) => client.ask('GET', `/v1/syncs/${id}`, views.Sync)

/** Follows a sync until it is final, with a bar where a person looks on. */
async function waitFor(client: Client, id: string): Promise<views.Sync> {
  const show = process.stderr.isTTY ? createLogUpdate(process.stderr) : undefined
  for (;;) {
    const state = await look(client, id)
    show?.(views.progressText(state))
    if (!['running', 'waiting'].includes(state.state)) {
      show?.clear()
      return state
    }
    await after(500)
  }
}

async function status(client: Client, [id]: readonly string[]): Promise<Told> {
  if (id) {
    const state = await look(client, id)
    return told(state, views.syncText(state), !['failed', 'incomplete'].includes(state.state))
  }
  const { items } = await client.ask(
    'GET',
    '/v1/syncs?limit=10',
    z.object({ items: z.array(views.SyncLine) }),
  )
  return told(items, items.length > 0 ? views.syncsText(items) : 'nothing was synced yet')
}

async function parked(client: Client): Promise<Told> {
  const { items } = await client.ask('GET', '/v1/parked/causes', z.object({ items: z.array(views.Cause) }))
  if (items.length === 0) return told(items, 'nothing is parked')
  const next = '\n\n  Next   npx social-sync redrive --dry-run'
  return told(items, views.causesText(items) + next, false)
}

async function redrive(client: Client, _args: readonly string[], flags: Flags): Promise<Told> {
  const Answer = z.looseObject({ matched: z.int(), redriven: z.int() })
  const body = { ...query(flags), dry_run: flags['dry-run'] }
  const answer = await client.ask('POST', '/v1/parked/redrive', Answer, body)
  const { matched, redriven } = answer
  return told(
    answer,
    flags['dry-run']
      ? `${number(matched)} pages would be read again`
      : `${number(redriven)} of ${number(matched)} pages are read again`,
  )
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

async function erase(client: Client, [name]: readonly string[], { yes }: Flags): Promise<Told> {
  const { platform, handle } = named(name)
  if (!platform) throw new UserError('name the platform too, such as youtube:@handle')
  if (!yes) throw new UserError(`everything known of ${handle} would be gone for good: say --yes`)
  const Answer = z.looseObject({ posts: z.int(), pages: z.int() })
  const answer = await client.ask('POST', '/v1/erasures', Answer, { platform, handle })
  return told(answer, `erased, with ${number(answer.posts)} posts and ${number(answer.pages)} answers`)
}

const accounts = async (client: Client): Promise<Told> => {
  const all = await client.all('/v1/accounts', views.Account)
  return told(all, all.length > 0 ? views.accountsText(all) : 'nobody is followed yet')
}

/** By the name that is typed. */
export const commands: Readonly<Record<string, Command>> = {
  follow: {
    usage: 'follow ACCOUNT',
    about: 'follow an account, every day or --every so many minutes',
    run: follow,
  },
  sync: { usage: 'sync ACCOUNT', about: 'sync it now and wait; --full for every post, --no-wait', run: sync },
  status: { usage: 'status [SYNC]', about: 'the last syncs, or one of them', run: status },
  accounts: { usage: 'accounts', about: 'who is followed, and how fresh', run: accounts },
  parked: { usage: 'parked', about: 'what broke, by its cause', run: parked },
  redrive: {
    usage: 'redrive',
    about: 'give it another chance: --platform, --reason, --dry-run',
    run: redrive,
  },
  verify: { usage: 'verify', about: 'check every promise of the ledger', run: verify },
  erase: { usage: 'erase ACCOUNT --yes', about: 'erase an account with everything known of it', run: erase },
}
