import type { Command } from '@commander-js/extra-typings'
import * as z from 'zod'
import { KeyView } from '#functions/sync/api/keys.ts'
import { Id, itemsOf } from '#functions/sync/api/page.ts'
import { UserError } from '../../user-error.ts'
import { columns } from '../../view/frame.ts'
import type { Client } from '../client.ts'
import type { Cli } from '../program.ts'
import { type Result, result } from '../result.ts'
import { day, head } from '../views/text.ts'

export function keyCommands(program: Command, { client, show }: Cli): void {
  program
    .command('keys')
    .description('list the keys of the API; make one for a colleague, a program or a client, or revoke one')
    .option('--make <name>', 'make a key of this name; it is shown once')
    .option('--scopes <scopes...>', 'what it may do: read, sync, admin; read if not given')
    .option('--clients <names...>', 'the clients whose accounts it sees; all accounts if not given')
    .option('--revoke <name>', 'refuse the key of this name from now on')
    .action(({ make, scopes, clients, revoke }) => {
      if (make !== undefined)
        return show(makeKey(client, { name: make, scopes: scopes ?? ['read'], clients }))
      return show(revoke === undefined ? list(client) : revokeKey(client, revoke))
    })
}

const Keys = itemsOf(KeyView)

async function list(client: Client): Promise<Result> {
  const { items } = await client.ask('GET', '/v1/keys', Keys)
  if (items.length === 0)
    return result(items, 'none beside that of the settings: npx social-sync keys --make NAME')
  const rows = items.map(({ name, scopes, clients, created_at }) => [
    ...[name, scopes.join(', '), clients?.join('; ') ?? 'all', day(created_at)],
  ])
  return result(items, columns([head(['key', 'scopes', 'clients', 'made (UTC)']), ...rows]))
}

async function makeKey(
  client: Client,
  wanted: {
    readonly name: string
    readonly scopes: readonly string[]
    readonly clients: string[] | undefined
  },
): Promise<Result> {
  const { clients, ...asked } = wanted
  const body = { ...asked, ...(clients ? { clients } : {}) }
  const made = await client.ask('POST', '/v1/keys', KeyView.extend({ key: z.string() }), body)
  return result(
    made,
    `  ${made.key}\n\n  It is shown only now. Give it as SOCIAL_SYNC_API_KEY, or to the console.`,
  )
}

async function revokeKey(client: Client, name: string): Promise<Result> {
  const { items } = await client.ask('GET', '/v1/keys', Keys)
  const key = items.find((one) => one.name === name)
  if (!key) throw new UserError(`there is no key of the name ${name}`)
  await client.ask('DELETE', `/v1/keys/${key.id}`, z.object({ id: Id }))
  return result(key, `the key ${name} is refused from now on`)
}
