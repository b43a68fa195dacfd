import { type Command, Option } from '@commander-js/extra-typings'
import * as z from 'zod'
import { AlertTested, AlertView, ChannelMade, ChannelView } from '#functions/sync/api/alert.ts'
import { Id, itemsOf, listOf } from '#functions/sync/api/page.ts'
import { alertWords, lineOf } from '#shared/alerts/compose.ts'
import { AlertCause, ChannelKind } from '#shared/model/alert.ts'
import { UserError } from '../../user-error.ts'
import { columns } from '../../view/frame.ts'
import type { Client } from '../client.ts'
import type { Cli } from '../program.ts'
import { type Result, result } from '../result.ts'
import { day, head } from '../views/text.ts'

const channelHelp = `
A webhook gets JSON that is signed as Standard Webhooks says; its secret is shown once. Telegram needs the token of a bot in the
settings (TELEGRAM_BOT_TOKEN), e-mail a mail server (SMTP_URL, MAIL_FROM).
  channels --add team --telegram -1001234567890
  channels --add program --webhook https://example.com/hook --causes token_refused parked`

export function alertCommands(program: Command, { client, show }: Cli): void {
  program
    .command('alerts')
    .description('what is wrong now; exit code 1 when something is')
    .option('--all', 'also what was, the newest first')
    .action(({ all }) => show(alerts(client, all === true)))
  program
    .command('channels')
    .description('channels that get alerts: list, add, test or remove')
    .option('--add <name>', 'send alerts to one more, under this name')
    .option('--webhook <url>', 'with --add: a program')
    .option('--telegram <chat>', 'with --add: a chat by its id, or a channel by @name')
    .option('--email <address>', 'with --add: a mailbox')
    .addOption(new Option('--causes <causes...>', 'with --add: these alone').choices(AlertCause.options))
    .addOption(
      new Option('--language <language>', 'with --add: of its messages').choices(['en', 'ru'] as const),
    )
    .option('--test <name>', 'send a message now')
    .option('--remove <name>', 'send it no more alerts')
    .addHelpText('after', channelHelp)
    .action(({ add: name, test, remove, causes, language, ...targets }) => {
      if (name === undefined && Object.keys(targets).length > 0)
        throw new UserError('say under which name: --add NAME')
      if (name !== undefined) return show(add(client, { name, causes, language }, targets))
      if (test !== undefined) return show(tested(client, test))
      return show(remove === undefined ? channels(client) : removed(client, remove))
    })
}

async function alerts(client: Client, isAll: boolean): Promise<Result> {
  const { items } = await client.ask(
    'GET',
    `/v1/alerts?limit=200${isAll ? '' : '&state=firing'}`,
    listOf(AlertView),
  )
  const { items: now } = isAll
    ? await client.ask('GET', '/v1/alerts?limit=1&state=firing', listOf(AlertView))
    : { items }
  if (items.length === 0) return result(items, isAll ? 'none yet' : 'nothing is wrong')
  const words = alertWords('en')
  const rows = items.map((alert) => [
    words.t(`alerts.${alert.cause}`),
    lineOf(alert, words),
    day(alert.fired_at),
    alert.over_at === null ? '' : day(alert.over_at),
  ])
  return result(items, columns([head(['alert', 'about', 'since (UTC)', 'over']), ...rows]), now.length === 0)
}

const Channels = itemsOf(ChannelView)

async function channels(client: Client): Promise<Result> {
  const { items } = await client.ask('GET', '/v1/alert-channels', Channels)
  if (items.length === 0)
    return result(items, 'no channel gets alerts yet: npx social-sync channels --add NAME --help')
  const rows = items.map(({ name, kind, target, causes, last_sent_at, last_error }) => [
    ...[name, kind, target, causes?.join(', ') ?? 'all', day(last_sent_at), last_error ?? ''],
  ])
  return result(items, columns([head(['channel', 'kind', 'to', 'causes', 'last (UTC)', 'fault']), ...rows]))
}

interface Wanted {
  readonly name: string
  readonly causes: readonly string[] | undefined
  readonly language: string | undefined
}

async function add(
  client: Client,
  { name, causes, language }: Wanted,
  targets: Readonly<Partial<Record<ChannelKind, string>>>,
): Promise<Result> {
  const given = ChannelKind.options.flatMap((kind) => {
    const target = targets[kind]
    return target === undefined ? [] : [{ kind, target }]
  })
  const [to] = given
  if (!to || given.length > 1)
    throw new UserError('say where alerts go: one of --webhook, --telegram and --email')
  const body = { name, ...to, ...(causes ? { causes } : {}), ...(language ? { language } : {}) }
  const made = await client.ask('POST', '/v1/alert-channels', ChannelMade, body)
  const secret = made.secret
    ? `\n  ${made.secret}\n\n  Its messages are signed with that; it is shown only now.`
    : ''
  return result(made, `${name} gets alerts from now on; npx social-sync channels --test ${name}${secret}`)
}

async function named(client: Client, name: string) {
  const { items } = await client.ask('GET', '/v1/alert-channels', Channels)
  const channel = items.find((one) => one.name === name)
  if (!channel) throw new UserError(`there is no channel of the name ${name}`)
  return channel
}

async function tested(client: Client, name: string): Promise<Result> {
  const { id } = await named(client, name)
  const answer = await client.ask('POST', '/v1/alerts/test', AlertTested, { channel_id: id })
  return result(
    answer,
    answer.sent ? `${name} took the message` : `${name} did not: ${answer.error}`,
    answer.sent,
  )
}

async function removed(client: Client, name: string): Promise<Result> {
  const channel = await named(client, name)
  await client.ask('DELETE', `/v1/alert-channels/${channel.id}`, z.object({ id: Id }))
  return result(channel, `${name} gets no more alerts`)
}
