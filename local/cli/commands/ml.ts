import type { Command } from '@commander-js/extra-typings'
import type * as z from 'zod'
import { Annotated } from '#functions/sync/api/annotate.ts'
import { MlJobsCancelled, MlSummary } from '#functions/sync/api/ml-job.ts'
import { platformNames } from '#shared/platforms/index.ts'
import { UserError } from '../../user-error.ts'
import { number } from '../../view/frame.ts'
import type { Client } from '../client.ts'
import type { Cli } from '../program.ts'
import { type Result, result } from '../result.ts'
import { annotateText, summaryText } from '../views/ml.ts'
import { changedText } from '../views/parked.ts'

export function mlCommands(program: Command, { client, show, terminal }: Cli): void {
  program
    .command('ml')
    .description('show ML jobs by provider, kind and state, what holds them up, and what the last days cost')
    .option('--cancel <job>', 'cancel one job')
    .option(
      '--cancel-parked <cause>',
      'cancel all parked jobs of a cause, as npx social-sync parked names it',
    )
    .option('--cancel-open', 'cancel all open jobs')
    .option('--provider <name>', 'cancel only those of this provider')
    .option('--dry-run', 'show how many, and change nothing')
    .action((options) => show(isCancelling(options) ? cancel(client, options) : summary(client)))
  program
    .command('annotate')
    .description(
      'have the ML models of today look at posts on record that they have not seen; shows the plan first',
    )
    .requiredOption('--since <day>', 'posts published since that day, as 2026-01-31')
    .option('--kind <kind...>', 'only these kinds: text, image, image_text, nsfw')
    .option('--platform <name>', `only this platform: ${platformNames.join(', ')}`)
    .option('--yes', 'then do it, at that price')
    .action((options) => show(annotate(client, options, terminal.progress)))
}

async function summary(client: Client): Promise<Result> {
  const found = await client.ask('GET', '/v1/ml-jobs/summary', MlSummary)
  return result(found, summaryText(found))
}

interface Cancel {
  readonly cancel?: string | undefined
  readonly cancelParked?: string | undefined
  readonly cancelOpen?: true | undefined
  readonly provider?: string | undefined
  readonly dryRun?: true | undefined
}

const isCancelling = ({ cancel: job, cancelParked, cancelOpen }: Cancel) =>
  job !== undefined || cancelParked !== undefined || cancelOpen === true

async function cancel(client: Client, options: Cancel): Promise<Result> {
  const { cancel: id, cancelParked: reason, provider, dryRun } = options
  if (id !== undefined && !/^\d+$/.test(id)) throw new UserError(`${id} is not the number of an ML job`)
  const filter = { ...(id ? { id } : {}), ...(reason ? { reason } : {}), ...(provider ? { provider } : {}) }
  const ask = (state: 'open' | 'parked') =>
    client.ask('POST', '/v1/ml-jobs/cancel', MlJobsCancelled, { state, ...filter, dry_run: dryRun ?? false })
  let answer = await ask(reason === undefined ? 'open' : 'parked')
  if (id !== undefined && answer.matched === 0) answer = await ask('parked')
  const done = { ...answer, changed: answer.cancelled, isDry: dryRun }
  return result(answer, changedText(done, 'ML job', 'cancelled'))
}

interface AnnotateOptions {
  readonly since: string
  readonly kind?: string[] | undefined
  readonly platform?: string | undefined
  readonly yes?: true | undefined
}
type Done = z.output<typeof Annotated>

async function annotate(
  client: Client,
  { since, kind, platform, yes }: AnnotateOptions,
  progress: (text?: string) => void,
): Promise<Result> {
  const filter = { since, ...(kind ? { kinds: kind } : {}), ...(platform ? { platform } : {}) }
  const total: Done = { posts: 0, jobs: [], next: null }
  for (let after: string | null = '0'; after !== null; ) {
    const body = { ...filter, dry_run: yes !== true, after }
    const part: Done = await client.ask('POST', '/v1/ml-jobs/annotate', Annotated, body)
    total.posts += part.posts
    for (const one of part.jobs) addTo(total.jobs, one)
    progress(`${number(total.posts)} posts looked through`)
    after = part.next
  }
  progress()
  return result(total, annotateText(total, yes === true))
}

/** What several answers say of the same model is one line. */
function addTo(jobs: Done['jobs'], { count, usd, ...model }: Done['jobs'][number]): void {
  const known = jobs.find(
    (one) => one.kind === model.kind && one.model === model.model && one.provider === model.provider,
  )
  if (!known) return void jobs.push({ ...model, count, usd })
  known.count += count
  known.usd = known.usd === null || usd === null ? null : known.usd + usd
}
