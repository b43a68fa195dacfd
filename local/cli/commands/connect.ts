import type { Command } from '@commander-js/extra-typings'
import type * as z from 'zod'
import {
  ConnectPlace,
  CredentialView,
  LinkMade,
  LinkView,
  type MakeLink,
} from '#functions/sync/api/connect.ts'
import { itemsOf } from '#functions/sync/api/page.ts'
import { UserError } from '../../user-error.ts'
import type { Client } from '../client.ts'
import type { Cli } from '../program.ts'
import { type Result, result } from '../result.ts'
import { consentsText, linksText, placesText } from '../views/connect.ts'
import { findAccount } from './accounts.ts'

export function connectCommands(program: Command, { client, show }: Cli): void {
  program
    .command('connect')
    .description(
      'make a link by which the owner of an account grants access; without a platform, what to register',
    )
    .argument('[platform]', 'instagram or tiktok')
    .option('--client <name>', 'for whom; made when it is new')
    .option('--account <account>', 'an account whose owner is to grant access again')
    .option('--hours <number>', 'how long the link is good: 72 if not given')
    .action((platform, options) => show(platform ? makeLink(client, platform, options) : places(client)))
  program
    .command('links')
    .description('list the links that owners were given, and how each went')
    .action(() => show(links(client)))
  program
    .command('consents')
    .description('list the consents of owners: what they allow, and when they end')
    .action(() => show(consents(client)))
}

async function places(client: Client): Promise<Result> {
  const { items } = await client.ask('GET', '/v1/connect', itemsOf(ConnectPlace))
  return result(items, placesText(items))
}

interface Options {
  readonly client?: string | undefined
  readonly account?: string | undefined
  readonly hours?: string | undefined
}

async function makeLink(client: Client, platform: string, options: Options): Promise<Result> {
  const { client: name, account, hours } = options
  const body = {
    platform,
    ...(name ? { client: name } : {}),
    ...(account ? { account_id: (await findAccount(client, account)).id } : {}),
    ...(hours ? { expires_in_hours: wholeNumber(hours) } : {}),
  } as z.input<typeof MakeLink>
  const made = await client.ask('POST', '/v1/connect-links', LinkMade, body)
  const until = made.expires_at.slice(0, 16).replace('T', ' ')
  return result(
    made,
    `  ${made.url}\n\n  For the owner, good once, until ${until} UTC. It is shown only now.`,
  )
}

function wholeNumber(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text)
  throw new UserError('--hours is a whole number')
}

async function links(client: Client): Promise<Result> {
  const all = await client.all('/v1/connect-links', LinkView)
  return result(
    all,
    all.length > 0 ? linksText(all) : 'no link was made yet: npx social-sync connect instagram',
  )
}

async function consents(client: Client): Promise<Result> {
  const all = await client.all('/v1/credentials', CredentialView)
  const isWell = all.every(({ status }) => status === 'ok')
  return result(all, all.length > 0 ? consentsText(all) : 'no owner has granted access yet', isWell)
}
