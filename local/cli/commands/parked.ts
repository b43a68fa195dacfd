import type { Command } from '@commander-js/extra-typings'
import type * as z from 'zod'
import { MlCauseView, MlJobsRedriven } from '#functions/sync/api/ml-job.ts'
import { itemsOf } from '#functions/sync/api/page.ts'
import { Dropped, ParkedCause, Redriven } from '#functions/sync/api/parked.ts'
import { Deleted, FieldView, HeldView, QuarantinedView } from '#functions/sync/api/records.ts'
import { UserError } from '../../user-error.ts'
import { number } from '../../view/frame.ts'
import type { Client } from '../client.ts'
import type { Cli } from '../program.ts'
import { type Result, result } from '../result.ts'
import * as views from '../views/parked.ts'

const platform = ['--platform <name>', 'only of this platform'] as const
const endpoint = ['--endpoint <name>', 'only of this call'] as const
const reason = ['--reason <cause>', 'only of this cause'] as const
const dryRun = ['--dry-run', 'show how many, and change nothing'] as const

export function parkedCommands(program: Command, { client, show }: Cli): void {
  program
    .command('parked')
    .description('show what waits for a person, by its cause')
    .action(() => show(parked(client)))
  program
    .command('redrive')
    .description('process parked pages again, or with --ml retry parked ML jobs')
    .option('--ml', 'ML jobs; a retry may cost money')
    .option(...platform)
    .option(...endpoint)
    .option(...reason)
    .option(...dryRun)
    .action(({ ml, ...filter }) => show(ml ? redriveMlJobs(client, filter) : redrivePages(client, filter)))
  program
    .command('drop')
    .description('give up parked pages that will never be readable; their bodies stay')
    .requiredOption('--reason <cause>', 'the cause, as npx social-sync parked names it')
    .option(...platform)
    .option(...endpoint)
    .option(...dryRun)
    .option('--yes', 'drop them: their records never become rows')
    .action(({ yes, ...filter }) => show(drop(client, filter, yes)))
  program
    .command('confirm')
    .description('delete posts that are held, because many of one account were not found at once')
    .argument('<account-id>', 'the id that npx social-sync parked shows')
    .option('--yes', 'delete them')
    .action((id, { yes }) => show(confirm(client, id, yes)))
}

async function parked(client: Client): Promise<Result> {
  const ask = async <Item extends z.ZodType>(path: string, item: Item) =>
    (await client.ask('GET', path, itemsOf(item))).items
  const pages = await ask('/v1/parked/causes', ParkedCause)
  const ml_jobs = await ask('/v1/ml-jobs/causes?state=parked', MlCauseView)
  const ml_jobs_failed = await ask('/v1/ml-jobs/causes?state=failed', MlCauseView)
  const quarantined = await ask('/v1/quarantined', QuarantinedView)
  const record_issues = await ask('/v1/record-issues', FieldView)
  const held_deletions = await ask('/v1/held-deletions', HeldView)
  const found = { pages, ml_jobs, ml_jobs_failed, quarantined, record_issues, held_deletions }
  return result(found, views.parkedText(found), !views.needsPerson(found))
}

interface Filter {
  readonly platform?: string | undefined
  readonly endpoint?: string | undefined
  readonly reason?: string | undefined
  readonly dryRun?: true | undefined
}
const bodyOf = ({ dryRun, ...filter }: Filter) => ({ ...filter, dry_run: dryRun ?? false })

async function redrivePages(client: Client, filter: Filter): Promise<Result> {
  const answer = await client.ask('POST', '/v1/parked/redrive', Redriven, bodyOf(filter))
  const done = { ...answer, changed: answer.redriven, isDry: filter.dryRun }
  return result(answer, views.changedText(done, 'page', 'processed again'))
}

async function redriveMlJobs(client: Client, filter: Filter): Promise<Result> {
  const answer = await client.ask('POST', '/v1/ml-jobs/redrive', MlJobsRedriven, bodyOf(filter))
  const done = { ...answer, changed: answer.redriven, isDry: filter.dryRun }
  return result(answer, views.changedText(done, 'ML job', 'retried'))
}

async function drop(client: Client, filter: Filter, isSure: boolean | undefined): Promise<Result> {
  if (!filter.dryRun && !isSure)
    throw new UserError('records of dropped pages never become rows: look with --dry-run, then add --yes')
  const answer = await client.ask('POST', '/v1/parked/drop', Dropped, bodyOf(filter))
  const done = { ...answer, changed: answer.dropped, isDry: filter.dryRun }
  return result(answer, views.changedText(done, 'page', 'dropped'))
}

async function confirm(client: Client, account: string, isSure: boolean | undefined): Promise<Result> {
  if (!isSure) throw new UserError(`this deletes the held posts of account ${account}: add --yes`)
  const answer = await client.ask('POST', '/v1/held-deletions/confirm', Deleted, { account_id: account })
  return result(answer, `${number(answer.deleted)} posts of account ${account} are deleted`)
}
