import * as z from 'zod'
import { counted } from '#functions/sync/words.ts'
import { UserError } from '../user-error.ts'
import { columns, number } from '../view/frame.ts'
import type { Client } from './client.ts'
import { type Command, type Flags, type Told, told } from './told.ts'
import * as views from './views.ts'

const MlJob = z.looseObject({
  id: z.string(),
  kind: z.string(),
  reason: z.string().nullable(),
  parked: z.boolean(),
})
type MlJob = z.infer<typeof MlJob>

/** What broke: pages and records by their cause, and ML jobs. */
async function parked(client: Client): Promise<Told> {
  const { items: pages } = await client.ask(
    'GET',
    '/v1/parked/causes',
    z.object({ items: z.array(views.Cause) }),
  )
  const { items: refused } = await client.ask(
    'GET',
    '/v1/refused',
    z.object({ items: z.array(views.Refused) }),
  )
  const failed = await client.all('/v1/ml-jobs?state=failed&limit=200', MlJob)
  const jobs = await client.all('/v1/ml-jobs?state=parked&limit=200', MlJob)
  const json = { pages, ml_jobs: jobs, ml_jobs_failed: failed, refused }
  const isWell = pages.length + jobs.length === 0
  const lines = [
    ...(isWell ? ['nothing is parked'] : []),
    ...(pages.length > 0 ? [views.causesText(pages)] : []),
    ...(jobs.length > 0
      ? [columns([[`${counted(jobs.length, 'ML job')} wait for a person: ${causesOf(jobs)}`]])]
      : []),
    ...others(failed.filter((job) => !job.parked)),
    ...(refused.length > 0 ? ['', views.refusedText(refused)] : []),
    ...nextSteps(pages.length, jobs.length),
  ]
  return told(json, lines.join('\n'), isWell)
}

const causesOf = (jobs: readonly MlJob[]) =>
  [...Map.groupBy(jobs, ({ kind, reason }) => `${kind} ${reason ?? 'failed'}`.replaceAll('_', ' '))]
    .map(([cause, { length }]) => `${cause} (${number(length)})`)
    .join(', ')

const others = (jobs: readonly MlJob[]) =>
  jobs.length > 0
    ? [columns([[`${counted(jobs.length, 'ML job')} ended without a result: ${causesOf(jobs)}`]])]
    : []

function nextSteps(pages: number, jobs: number): string[] {
  const steps = [
    ...(pages > 0
      ? ['redrive --dry-run', 'drop --reason CAUSE --dry-run   where nobody will ever read them']
      : []),
    ...(jobs > 0 ? ['redrive --dry-run --ml'] : []),
  ]
  if (steps.length === 0) return []
  return ['', ...steps.map((step, index) => `  ${index === 0 ? 'Next' : '    '}   npx social-sync ${step}`)]
}

const chosen = ({ platform, endpoint, reason, 'dry-run': dry_run }: Flags) => ({
  ...(platform ? { platform } : {}),
  ...(reason ? { reason } : {}),
  ...(endpoint ? { endpoint } : {}),
  dry_run,
})

const andMore = ({ has_more }: { readonly has_more: boolean }) =>
  has_more ? '; there was no time for the rest: ask again' : ''

async function redrive(client: Client, _args: readonly string[], flags: Flags): Promise<Told> {
  const Answer = z.looseObject({ matched: z.int(), redriven: z.int(), has_more: z.boolean() })
  const path = flags.ml ? '/v1/ml-jobs/redrive' : '/v1/parked/redrive'
  const answer = await client.ask('POST', path, Answer, chosen(flags))
  const [matched, redriven] = [number(answer.matched), number(answer.redriven)]
  const what = flags.ml ? 'ML jobs' : 'pages'
  const [would, does] = flags.ml
    ? ['would have another attempt', 'have another attempt']
    : ['would be read again', 'are read again']
  return told(
    answer,
    flags['dry-run']
      ? `${matched}${answer.has_more ? ' and more' : ''} ${what} ${would}`
      : `${redriven} of ${matched} ${what} ${does}${andMore(answer)}`,
  )
}

async function drop(client: Client, _args: readonly string[], flags: Flags): Promise<Told> {
  if (!flags.reason) throw new UserError('name the cause: --reason (see npx social-sync parked)')
  if (!flags['dry-run'] && !flags.yes)
    throw new UserError('what these answers said would not be read any more: say --yes, or --dry-run first')
  const Answer = z.looseObject({ matched: z.int(), dropped: z.int(), has_more: z.boolean() })
  const answer = await client.ask('POST', '/v1/parked/drop', Answer, chosen(flags))
  return told(
    answer,
    flags['dry-run']
      ? `${number(answer.matched)}${answer.has_more ? ' and more' : ''} pages would be let go`
      : `${number(answer.dropped)} of ${number(answer.matched)} pages were let go${andMore(answer)}`,
  )
}

export const parkedCommands: Readonly<Record<string, Command>> = {
  parked: { usage: 'parked', about: 'what broke, by its cause', run: parked },
  redrive: {
    usage: 'redrive',
    about: 'give it another chance: --platform, --endpoint, --reason, --dry-run; --ml for ML jobs',
    run: redrive,
  },
  drop: {
    usage: 'drop --reason CAUSE',
    about: 'let pages go that nobody will be able to read: --yes or --dry-run, --platform, --endpoint',
    run: drop,
  },
}
