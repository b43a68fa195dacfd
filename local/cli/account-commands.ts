import * as z from 'zod'
import { counted } from '#functions/sync/words.ts'
import { UserError } from '../user-error.ts'
import type { Client } from './client.ts'
import { type Command, type Flags, named, type Told, told } from './told.ts'
import * as views from './views.ts'

/** The account that is followed under this name. */
export async function accountOf(client: Client, name: string | undefined): Promise<views.Account> {
  const { platform, handle } = named(name)
  if (!platform) throw new UserError('name the platform too, such as youtube:@handle')
  const query = new URLSearchParams({ platform, handle, limit: '200' })
  const { items } = await client.ask(
    'GET',
    `/v1/accounts?${query}`,
    z.object({ items: z.array(views.Account) }),
  )
  // Of several that had the handle it is the one that a sync would ask about: known by its id, followed last.
  const found = items.findLast(({ native_id }) => native_id !== null) ?? items.at(-1)
  if (found) return found
  throw new UserError(`nobody follows ${name}: npx social-sync follow ${name}`)
}

async function follow(client: Client, [name]: readonly string[], { every }: Flags): Promise<Told> {
  const body = { ...named(name), ...(every ? { sync_every_minutes: Number(every) } : {}) }
  const account = await client.ask('POST', '/v1/accounts', views.Account, body)
  return told(
    account,
    `${views.accountsText([account])}\n\n  Next   npx social-sync sync ${account.platform}:${account.handle ?? account.native_id}`,
  )
}

async function setPaused(client: Client, name: string | undefined, paused: boolean): Promise<Told> {
  const { id } = await accountOf(client, name)
  const account = await client.ask('PATCH', `/v1/accounts/${id}`, views.Account, { paused })
  const isDone = (account.status === 'paused') === paused
  const why = isDone ? '' : `\n\n  it is ${account.status.replaceAll('_', ' ')}, which this does not change`
  return told(account, `${views.accountsText([account])}${why}`, isDone)
}

async function erase(client: Client, [name]: readonly string[], { yes }: Flags): Promise<Told> {
  const { platform, handle } = named(name)
  if (!platform) throw new UserError('name the platform too, such as youtube:@handle')
  if (!yes) throw new UserError(`everything known of ${handle} would be gone for good: say --yes`)
  const Answer = z.looseObject({ posts: z.int(), pages: z.int() })
  const answer = await client.ask('POST', '/v1/erasures', Answer, { platform, handle })
  return told(answer, `erased, with ${counted(answer.posts, 'post')} and ${counted(answer.pages, 'answer')}`)
}

const accounts = async (client: Client): Promise<Told> => {
  const all = await client.all('/v1/accounts', views.Account)
  return told(all, all.length > 0 ? views.accountsText(all) : 'nobody is followed yet')
}

export const accountCommands: Readonly<Record<string, Command>> = {
  follow: {
    usage: 'follow ACCOUNT',
    about: 'follow an account, every day or --every so many minutes',
    run: follow,
  },
  accounts: { usage: 'accounts', about: 'who is followed, and how fresh', run: accounts },
  pause: {
    usage: 'pause ACCOUNT',
    about: 'sync it by its timer no more; what is on record stays',
    run: (client, [name]) => setPaused(client, name, true),
  },
  resume: {
    usage: 'resume ACCOUNT',
    about: 'let a paused one go on',
    run: (client, [name]) => setPaused(client, name, false),
  },
  erase: { usage: 'erase ACCOUNT --yes', about: 'erase an account with everything known of it', run: erase },
}
