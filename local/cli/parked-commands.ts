import * as z from 'zod'
import { UserError } from '../user-error.ts'
import { number } from '../view/frame.ts'
import type { Client } from './client.ts'
import { type Command, type Flags, type Told, told } from './told.ts'
import * as views from './views.ts'

const MlJob = z.looseObject({ id: z.string(), kind: z.string(), reason: z.string().nullable() })

/** What broke: pages by their cause, and ML jobs. */
async function parked(client: Client): Promise<Told> {
  const Causes = z.object({ items: z.array(views.Cause) })
  const { items: pages } = await client.ask('GET', '/v1/parked/causes', Causes)
  const jobs = await client.all('/v1/ml-jobs?state=parked&limit=200', MlJob)
  if (pages.length + jobs.length === 0) return told({ pages, ml_jobs: jobs }, 'nothing is parked')
  const reasons = [...new Set(jobs.map(({ reason }) => reason ?? 'no reason'))].join(', ')
  const lines = [
    ...(pages.length > 0 ? [views.causesText(pages)] : []),
    ...(jobs.length > 0 ? [`  ${number(jobs.length)} ML jobs: ${reasons}`] : []),
    '',
    `  Next   npx social-sync redrive --dry-run${pages.length > 0 ? '' : ' --ml'}`,
    ...(pages.length > 0
      ? ['         npx social-sync drop --reason CAUSE --dry-run   where nobody will ever read them']
      : []),
  ]
  return told({ pages, ml_jobs: jobs }, lines.join('\n'), false)
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
