import { setTimeout as after } from 'node:timers/promises'
import type { Command } from '@commander-js/extra-typings'
import pRetry, { type Options } from 'p-retry'
import type * as z from 'zod'
import { itemsOf } from '#functions/sync/api/page.ts'
import { Plan } from '#functions/sync/api/plan.ts'
import { Cancelled, Started, SyncLine, SyncView } from '#functions/sync/api/sync.ts'
import { TraceView } from '#functions/sync/api/trace.ts'
import type { StartSync } from '#functions/sync/start-sync.ts'
import { UserError } from '../../user-error.ts'
import { number } from '../../view/frame.ts'
import { type Client, Unavailable } from '../client.ts'
import type { Cli } from '../program.ts'
import { type Result, result } from '../result.ts'
import { planText } from '../views/plan.ts'
import { isWell, progressText, type Sync, syncsText, syncText } from '../views/syncs.ts'
import { counted } from '../views/text.ts'
import { traceText } from '../views/trace.ts'

const full = ['--full', 'read every post, not only new and recent ones'] as const
const backfill = ['--backfill', 'use only quota that scheduled syncs leave over'] as const
const noWait = ['--no-wait', 'do not wait for its end'] as const

export function syncCommands(program: Command, cli: Cli): void {
  const { client, show } = cli
  program
    .command('plan')
    .description('show what a sync would use before it runs: calls, quota, time, money')
    .argument('<account>')
    .option(...full)
    .option(...backfill)
    .action((name, options) => show(plan(client, name, options)))
  program
    .command('sync')
    .description('sync an account now, and wait for its end')
    .argument('<account>')
    .option(...full)
    .option(...backfill)
    .option(...noWait)
    .action((name, { wait, ...options }) => show(sync(cli, name, options, wait)))
  program
    .command('status')
    .description('show the last syncs, or one of them')
    .argument('[sync]', 'its id')
    .action((id) => show(status(client, id)))
  program
    .command('trace')
    .description('show what happened when within a sync, and where its traces are')
    .argument('<sync>', 'its id')
    .action((id) => show(trace(client, id)))
  program
    .command('cancel')
    .description('cancel a sync; what other syncs wait for too goes on for them')
    .argument('<sync>', 'its id')
    .action((id) => show(cancel(client, id)))
  program
    .command('retry')
    .description('sync the accounts of a sync again that failed or were cancelled')
    .argument('<sync>', 'its id')
    .option(...noWait)
    .action((id, { wait }) => show(retry(cli, id, wait)))
}

interface Depth {
  readonly full?: true | undefined
  readonly backfill?: true | undefined
}
const requestOf = (name: string, depth: Depth): z.input<typeof StartSync> => ({
  handle: name,
  mode: depth.full ? 'full' : 'incremental',
  lane: depth.backfill ? 'backfill' : 'ad-hoc',
})

async function plan(client: Client, name: string, depth: Depth): Promise<Result> {
  const answer = await client.ask('POST', '/v1/plan', Plan, requestOf(name, depth))
  return result(answer, planText(answer))
}

async function sync(cli: Cli, name: string, depth: Depth, wait: boolean): Promise<Result> {
  const { id } = await cli.client.ask('POST', '/v1/syncs', Started, requestOf(name, depth))
  return syncResult(cli, id, wait)
}

async function retry(cli: Cli, old: string, wait: boolean): Promise<Result> {
  const { id } = await cli.client.ask('POST', `/v1/syncs/${syncId(old)}/retry`, Started)
  return syncResult(cli, id, wait)
}

async function syncResult(cli: Cli, id: string, wait: boolean): Promise<Result> {
  const state = wait ? await waitFor(cli, id) : await look(cli.client, id)
  return result(state, syncText(state), !wait || isWell(state))
}

const look = (client: Client, id: string) => client.ask('GET', `/v1/syncs/${id}`, SyncView)

/** Follows a sync to its end, and shows a bar meanwhile. Waits some minutes for an API that is away. */
async function waitFor({ client, terminal }: Cli, id: string): Promise<Sync> {
  for (;;) {
    const state = await pRetry(() => look(client, id), patience)
    terminal.progress(progressText(state))
    if (!['running', 'waiting'].includes(state.state)) {
      terminal.progress()
      return state
    }
    await after(500)
  }
}

/** About four minutes in all. */
const patience: Options = {
  retries: 30,
  maxTimeout: 10_000,
  shouldRetry: ({ error }) => error instanceof Unavailable,
}

async function status(client: Client, id: string | undefined): Promise<Result> {
  if (id) {
    const state = await look(client, syncId(id))
    return result(state, syncText(state), isWell(state))
  }
  const { items } = await client.ask('GET', '/v1/syncs?limit=10', itemsOf(SyncLine))
  return result(items, items.length > 0 ? syncsText(items) : 'no sync has run yet')
}

async function trace(client: Client, id: string): Promise<Result> {
  const answer = await client.ask('GET', `/v1/syncs/${syncId(id)}/trace`, TraceView)
  return result(answer, traceText(answer))
}

/** Throws a UserError at what is no id. */
function syncId(text: string): string {
  if (/^\d+$/.test(text)) return text
  throw new UserError(`${text} is not the id of a sync: npx social-sync status lists them`)
}

async function cancel(client: Client, id: string): Promise<Result> {
  const answer = await client.ask('POST', `/v1/syncs/${syncId(id)}/cancel`, Cancelled)
  const shared =
    answer.shared > 0 ? `; ${number(answer.shared)} go on, because other syncs wait for them` : ''
  return result(answer, `${counted(answer.cancelled, 'account')} cancelled${shared}`)
}
