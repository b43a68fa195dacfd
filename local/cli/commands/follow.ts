import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from '@commander-js/extra-typings'
import * as z from 'zod'
import { AccountView, Unfollowed } from '#functions/sync/api/account.ts'
import { FollowedMany, mostLines } from '#functions/sync/api/follow.ts'
import { readLines, type TextLine } from '#functions/sync/follow-text.ts'
import { chunked } from '#shared/platforms/chunked.ts'
import { UserError } from '../../user-error.ts'
import { minutes } from '../minutes.ts'
import type { Cli } from '../program.ts'
import { type Result, result } from '../result.ts'
import { accountsText, followedText } from '../views/accounts.ts'
import { findAccount } from './accounts.ts'

interface Options {
  readonly file?: string | undefined
  readonly every?: number | undefined
  readonly client?: string | undefined
  readonly brand?: string | undefined
  readonly tag?: readonly string[] | undefined
}

export function followCommands(program: Command, cli: Cli): void {
  program
    .command('follow')
    .description('follow accounts: their timers sync them every day')
    .argument('[accounts...]', 'accounts, or - for a list on standard input')
    .option('--file <path>', 'a list or a CSV with the columns handle, platform, client, brand, tags')
    .option('--client <name>', 'for whom; made when it is new')
    .option('--brand <name>', 'whose accounts they are; made when it is new')
    .option('--tag <tags...>', 'words to find them by')
    .option('--every <minutes>', 'sync it as often as this: for one account', minutes)
    .action((names, options) => cli.show(follow(cli, names, options)))
  program
    .command('unfollow')
    .description('stop following accounts: their rows stay, and following them again goes on from there')
    .argument('<accounts...>')
    .action((names) => cli.show(unfollow(cli, names)))
}

async function follow(cli: Cli, names: readonly string[], options: Options): Promise<Result> {
  const { every, client, brand, tag } = options
  const given = {
    ...(client ? { client } : {}),
    ...(brand ? { brand } : {}),
    ...(tag ? { tags: [...tag] } : {}),
  }
  const isList = options.file !== undefined || names.length !== 1 || names[0] === '-'
  const lines = isList ? await listed(cli, names, options.file) : []
  const [name = ''] = names
  if (!isList)
    return followOne(cli, { handle: name, ...given, ...(every ? { sync_every_minutes: every } : {}) })
  if (every) throw new UserError('--every is for one account: change others with PATCH /v1/accounts/{id}')
  return followMany(
    cli,
    lines.map((line) => ({ ...given, ...line })),
  )
}

async function listed({ terminal }: Cli, names: readonly string[], file: string | undefined) {
  const texts = names.map(async (name) => (name === '-' ? terminal.read() : name))
  const text = file === undefined ? '' : readList(resolve(terminal.folder, file))
  const lines = [...(await Promise.all(texts)), text].flatMap((one) => {
    const { accounts, fault } = readLines(one)
    if (fault !== null) throw new UserError(fault)
    return accounts
  })
  if (lines.length === 0)
    throw new UserError('name accounts, or give a list with --file or on standard input with -')
  return lines
}

function readList(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new UserError(`${path} cannot be read`)
  }
}

async function followOne({ client }: Cli, body: object): Promise<Result> {
  const account = await client.ask('POST', '/v1/accounts', AccountView, body)
  const next = `npx social-sync sync ${account.platform}:${account.handle ?? account.native_id}`
  return result(account, `${accountsText([account])}\n\n  Next   ${next}`)
}

async function followMany({ client, terminal }: Cli, lines: readonly TextLine[]): Promise<Result> {
  const results: z.output<typeof FollowedMany>['results'] = []
  for (const batch of chunked(lines, mostLines)) {
    terminal.progress(`following ${results.length} of ${lines.length}`)
    const done = await client.ask('POST', '/v1/accounts/batch', FollowedMany, { accounts: batch })
    const from = results.length
    results.push(...done.results.map((one) => ({ ...one, index: one.index + from })))
  }
  terminal.progress()
  const isWell = results.every(({ status }) => status !== 'refused')
  return result({ results }, followedText(results, lines), isWell)
}

const unfollowWords = {
  unfollowed: 'unfollowed',
  known: 'was unfollowed before',
  not_found: 'is not on record any more',
}

async function unfollow({ client }: Cli, names: readonly string[]): Promise<Result> {
  const accounts = []
  for (const name of names) accounts.push(await findAccount(client, name))
  const account_ids = accounts.map(({ id }) => id)
  const answer = z.object({ results: z.array(Unfollowed) })
  const { results } = await client.ask('POST', '/v1/accounts/unfollow', answer, { account_ids })
  const text = accounts.map(
    ({ platform, handle, native_id }, place) =>
      `  ${platform}:${handle ?? native_id}  ${unfollowWords[results[place]?.status ?? 'not_found']}`,
  )
  return result(
    { results },
    `${text.join('\n')}\n\n  Their rows stay: npx social-sync follow goes on from there.`,
    results.every(({ status }) => status !== 'not_found'),
  )
}
