import type { Command } from '@commander-js/extra-typings'
import type * as z from 'zod'
import { AccountView, Erased } from '#functions/sync/api/account.ts'
import { itemsOf } from '#functions/sync/api/page.ts'
import type { FollowAccount } from '#functions/sync/follow.ts'
import { counted } from '#functions/sync/words.ts'
import { UserError } from '../../user-error.ts'
import { accountName, wholeName } from '../account-name.ts'
import type { Client } from '../client.ts'
import { minutes } from '../minutes.ts'
import type { Cli } from '../program.ts'
import { type Result, result } from '../result.ts'
import { type Account, accountsText } from '../views/accounts.ts'

export function accountCommands(program: Command, { client, show }: Cli): void {
  program
    .command('follow')
    .description('follow an account: its timer syncs it every day')
    .argument('<account>')
    .option('--every <minutes>', 'sync it as often as this', minutes)
    .action((name, { every }) => show(follow(client, name, every)))
  program
    .command('accounts')
    .description('list the accounts that are followed, and how fresh they are')
    .action(() => show(list(client)))
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
    .description('delete an account and all its rows, and never follow it again')
    .argument('<account>')
    .option('--yes', 'delete it: this cannot be undone')
    .action((name, { yes }) => show(erase(client, name, yes)))
}

/** The account that is followed under this name. Throws a UserError. */
export async function findAccount(client: Client, name: string): Promise<Account> {
  const query = new URLSearchParams({ ...wholeName(name), limit: '200' })
  const { items } = await client.ask('GET', `/v1/accounts?${query}`, itemsOf(AccountView))
  // Of several that had the handle it is the one that a sync would use: known by its id, followed last.
  const found = items.findLast(({ native_id }) => native_id !== null) ?? items.at(-1)
  if (found) return found
  throw new UserError(`${name} is not followed: npx social-sync follow ${name}`)
}

async function follow(client: Client, name: string, every: number | undefined): Promise<Result> {
  const body: z.input<typeof FollowAccount> = {
    ...accountName(name),
    ...(every ? { sync_every_minutes: every } : {}),
  }
  const account = await client.ask('POST', '/v1/accounts', AccountView, body)
  const next = `npx social-sync sync ${account.platform}:${account.handle ?? account.native_id}`
  return result(account, `${accountsText([account])}\n\n  Next   ${next}`)
}

async function list(client: Client): Promise<Result> {
  const all = await client.all('/v1/accounts', AccountView)
  return result(
    all,
    all.length > 0 ? accountsText(all) : 'no account is followed yet: npx social-sync follow ACCOUNT',
  )
}

async function setPaused(client: Client, name: string, paused: boolean): Promise<Result> {
  const { id } = await findAccount(client, name)
  const account = await client.ask('PATCH', `/v1/accounts/${id}`, AccountView, { paused })
  const isDone = (account.status === 'paused') === paused
  const why = isDone ? '' : `\n\n  it is ${account.status.replaceAll('_', ' ')}, which this does not change`
  return result(account, `${accountsText([account])}${why}`, isDone)
}

async function erase(client: Client, name: string, isSure: boolean | undefined): Promise<Result> {
  const account = wholeName(name)
  if (!isSure) throw new UserError(`this deletes all rows of ${name} for good: add --yes`)
  const { posts, pages } = await client.ask('POST', '/v1/erasures', Erased, account)
  return result({ posts, pages }, `erased, with ${counted(posts, 'post')} and ${counted(pages, 'answer')}`)
}
