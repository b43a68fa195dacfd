import type { Command } from '@commander-js/extra-typings'
import { itemsOf } from '#functions/sync/api/page.ts'
import { historyAs, PostView } from '#functions/sync/api/post.ts'
import { Why } from '#functions/sync/api/why.ts'
import { splitName } from '#functions/sync/handles.ts'
import { postMetrics, profileMetrics } from '#shared/db/tables/metrics.ts'
import { UserError } from '../../user-error.ts'
import type { Client } from '../client.ts'
import type { Cli } from '../program.ts'
import { type Result, result } from '../result.ts'
import { chartText, postsText } from '../views/posts.ts'
import { whyText } from '../views/why.ts'
import { findAccount } from './accounts.ts'

export function postCommands(program: Command, { client, show }: Cli): void {
  program
    .command('posts')
    .description('list the newest posts of an account with their numbers')
    .argument('<account>')
    .action((name) => show(posts(client, name)))
  program
    .command('history')
    .description('chart a number of an account or of a post over time')
    .argument('<account-or-post>')
    .option('--of <number>', 'which number: followers by default, views of a post')
    .action((name, options) => show(history(client, name, options.of)))
  program
    .command('why')
    .description('show the answers, syncs and ML jobs that a post comes from')
    .argument('<post>', 'its id here, or as youtube:VIDEO-ID')
    .action((name) => show(why(client, name)))
}

async function posts(client: Client, name: string): Promise<Result> {
  const { id } = await findAccount(client, name)
  const { items } = await client.ask('GET', `/v1/accounts/${id}/posts?limit=20`, itemsOf(PostView))
  return result(items, items.length > 0 ? postsText(items) : 'it has no posts yet')
}

const isId = (text: string) => /^\d+$/.test(text)

async function history(client: Client, name: string, given: string | undefined): Promise<Result> {
  if (isId(name)) return chart(client, `/v1/posts/${name}`, postMetrics.names, given ?? 'views')
  const { id } = await findAccount(client, name)
  return chart(client, `/v1/accounts/${id}`, profileMetrics.names, given ?? 'followers')
}

async function chart(client: Client, path: string, names: readonly string[], of: string): Promise<Result> {
  if (!names.includes(of)) throw new UserError(`--of is one of ${names.join(', ')}`)
  const { items } = await client.ask('GET', `${path}/metrics`, historyAs(names))
  return result(items, chartText(items, of))
}

async function why(client: Client, name: string): Promise<Result> {
  const id = isId(name) ? name : await findPost(client, name)
  const answer = await client.ask('GET', `/v1/posts/${id}/why`, Why)
  return result(answer, whyText(answer))
}

async function findPost(client: Client, name: string): Promise<string> {
  const split = splitName(name)
  if (!split)
    throw new UserError(
      `${name} is not a post: write its id (npx social-sync posts ACCOUNT lists them), or youtube:VIDEO-ID`,
    )
  const query = new URLSearchParams({ platform: split.platform, native_id: split.handle })
  const { items } = await client.ask('GET', `/v1/posts?${query}`, itemsOf(PostView))
  if (items[0]) return items[0].id
  throw new UserError(`${name} is not on record`)
}
