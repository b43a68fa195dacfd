import type { Command } from '@commander-js/extra-typings'
import { AccountView, Erased } from '#functions/sync/api/account.ts'
import { itemsOf } from '#functions/sync/api/page.ts'
import { UserError } from '../../user-error.ts'
import { wholeName } from '../account-name.ts'
import type { Client } from '../client.ts'
import type { Cli } from '../program.ts'
import { type Result, result } from '../result.ts'
import { type Account, accountsText } from '../views/accounts.ts'
import { counted } from '../views/text.ts'

export function accountCommands(program: Command, { client, show }: Cli): void {
  program
    .command('accounts')
    .description('list the accounts that are followed, and how fresh they are')
    .option('--search <text>', 'a part of the handle or the name')
    .option('--client <name>')
    .option('--brand <name>')
    .option('--tag <tag>')
    .option('--platform <name>')
    .option('--state <state>', 'such as active, paused, unfollowed, reauth_required')
    .option('--late', 'those that were not synced for twice their interval')
    .option('--sort <by>', 'handle, name, followers, seen_at or next_sync_at; with - before it descending')
    .action((options) => show(list(client, options)))
  program
    .command('pause')
    .description('stop syncing an account by its timer; its rows stay')
    .argument('<account>')
    .action((name) => show(setPaused(client, name, true)))
  program
    .command('resume')
    .description('sync a paused account by its timer again')
    .argument('<account>')
    .action((name) => show(setPaused(client, name, false)))
  program
    .command('erase')
    .description('delete an account and all its rows, and never follow it again; unfollow keeps them')
    .argument('<account>')
    .option('--yes', 'delete it: this cannot be undone')
    .option(
      '--requested-by <who>',
      'us, owner or platform: after a request of the last two it is never admitted again',
    )
    .action((name, { yes, requestedBy }) => show(erase(client, name, yes, requestedBy)))
}

/** The account that is followed under this name. Throws a UserError. */
export async function findAccount(client: Client, name: string): Promise<Account> {
  const { platform, handle } = wholeName(name)
  const query = new URLSearchParams({ platform, handle, limit: '200' })
  const { items } = await client.ask('GET', `/v1/accounts?${query}`, itemsOf(AccountView))
  // Of several that had the handle it is the one that a sync would use: known by its id, followed last.
  const found = items.findLast(({ native_id }) => native_id !== null) ?? items.at(-1)
  if (found) return found
  throw new UserError(`${name} is not followed: npx social-sync follow ${name}`)
}

type Chosen = Readonly<Record<string, string | true | undefined>>

async function list(client: Client, { search: q, ...chosen }: Chosen): Promise<Result> {
  const given = Object.entries({ q, ...chosen }).filter(([, value]) => value !== undefined)
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]))
  const all = await client.all(`/v1/accounts${given.length > 0 ? `?${query}` : ''}`, AccountView)
  const none =
    given.length > 0
      ? 'no account is like that'
      : 'no account is followed yet: npx social-sync follow ACCOUNT'
  return result(all, all.length > 0 ? accountsText(all) : none)
}

async function setPaused(client: Client, name: string, paused: boolean): Promise<Result> {
  const { id } = await findAccount(client, name)
  const account = await client.ask('PATCH', `/v1/accounts/${id}`, AccountView, { paused })
  const isDone = paused ? account.status === 'paused' : !['paused', 'unfollowed'].includes(account.status)
  const why = isDone ? '' : `\n\n  it is ${account.status.replaceAll('_', ' ')}, which this does not change`
  return result(account, `${accountsText([account])}${why}`, isDone)
}

async function erase(
  client: Client,
  name: string,
  isSure: boolean | undefined,
  requestedBy: string | undefined,
): Promise<Result> {
  const account = wholeName(name)
  if (!isSure) throw new UserError(`this deletes all rows of ${name} for good: add --yes`)
  const asked = { ...account, ...(requestedBy ? { requested_by: requestedBy } : {}) }
  const { posts, pages } = await client.ask('POST', '/v1/erasures', Erased, asked)
  return result({ posts, pages }, `erased, with ${counted(posts, 'post')} and ${counted(pages, 'answer')}`)
}
