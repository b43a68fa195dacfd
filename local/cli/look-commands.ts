import * as z from 'zod'
import { UserError } from '../user-error.ts'
import { accountOf } from './account-commands.ts'
import type { Client } from './client.ts'
import { chartText, History, numbersOf, Plan, Post, planText, postsText, Why, whyText } from './look-views.ts'
import { type ReplayOptions, replay } from './replay-diff.ts'
import { type Command, type Flags, named, prefixed, type Told, told } from './told.ts'
import { wanted } from './views.ts'

const itemsOf = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item) })

async function plan(client: Client, [name]: readonly string[], flags: Flags): Promise<Told> {
  const answer = await client.ask('POST', '/v1/plan', Plan, wanted(named(name), flags))
  return told(answer, planText(answer))
}

async function posts(client: Client, [name]: readonly string[]): Promise<Told> {
  const { id } = await accountOf(client, name)
  const { items } = await client.ask('GET', `/v1/accounts/${id}/posts?limit=20`, itemsOf(Post))
  return told(items, items.length > 0 ? postsText(items) : 'no post is on record yet')
}

/** The history of an account, or of a post by its number. */
async function history(client: Client, [name = '']: readonly string[], flags: Flags): Promise<Told> {
  const isPost = /^\d+$/.test(name)
  const of = flags.of ?? (isPost ? 'views' : 'followers')
  const names: readonly string[] = numbersOf[isPost ? 'post' : 'account']
  if (!names.includes(of)) throw new UserError(`--of is one of ${names.join(', ')}`)
  const path = isPost
    ? `/v1/posts/${name}/metrics`
    : `/v1/accounts/${(await accountOf(client, name)).id}/metrics`
  const { items } = await client.ask('GET', path, History)
  return told(items, chartText(items, of))
}

/** A post by its number here, or by its platform and the id there. */
async function why(client: Client, [name = '']: readonly string[]): Promise<Told> {
  const id = /^\d+$/.test(name) ? name : await postNamed(client, name)
  const answer = await client.ask('GET', `/v1/posts/${id}/why`, Why)
  return told(answer, whyText(answer))
}

async function postNamed(client: Client, name: string): Promise<string> {
  const [, platform, native_id] = prefixed.exec(name) ?? []
  if (!platform || !native_id)
    throw new UserError('name a post by its number (npx social-sync posts ACCOUNT), or as youtube:VIDEO-ID')
  const query = new URLSearchParams({ platform, native_id })
  const { items } = await client.ask('GET', `/v1/posts?${query}`, itemsOf(Post))
  if (items[0]) return items[0].id
  throw new UserError(`${name} is not on record`)
}

async function replayCommand(_client: Client, _args: readonly string[], flags: Flags): Promise<Told> {
  const { json, text } = await replay(flags as ReplayOptions)
  return told(json, text)
}

export const lookCommands: Readonly<Record<string, Command>> = {
  plan: {
    usage: 'plan ACCOUNT',
    about: 'what a sync would take before it runs: calls, quota, time, money; --full, --backfill',
    run: plan,
  },
  posts: { usage: 'posts ACCOUNT', about: 'its newest posts and their numbers', run: posts },
  history: {
    usage: 'history ACCOUNT',
    about: 'a chart of its followers, or --of another number; also of a POST',
    run: history,
  },
  why: { usage: 'why POST', about: 'the answers, syncs and ML jobs that made it what it is', run: why },
  replay: {
    usage: 'replay',
    about: 'what new rules would change in the rows; --apply, --platform, --all; wants the database',
    run: replayCommand,
  },
}
