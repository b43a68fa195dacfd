import * as z from 'zod'
import { UserError } from '../user-error.ts'
import { number } from '../view/frame.ts'
import type { Client } from './client.ts'
import * as views from './parked-views.ts'
import { type Command, type Flags, type Told, told } from './told.ts'

/** What broke: pages, ML jobs, records and fields by their cause. */
async function parked(client: Client): Promise<Told> {
  const ask = async <Item extends z.ZodType>(path: string, item: Item) =>
    (await client.ask('GET', path, z.object({ items: z.array(item) }))).items
  const pages = await ask('/v1/parked/causes', views.Cause)
  const jobs = await ask('/v1/ml-jobs/causes?state=parked', views.MlCause)
  const failed = await ask('/v1/ml-jobs/causes?state=failed', views.MlCause)
  const quarantined = await ask('/v1/quarantined', views.Quarantined)
  const fields = await ask('/v1/record-issues', views.Field)
  const held = await ask('/v1/held-deletions', views.Held)
  const isWell = pages.length + jobs.length + held.length === 0
  const parts = [
    ...(isWell ? ['nothing is parked'] : []),
    ...(pages.length > 0 ? [views.causesText(pages)] : []),
    ...(jobs.length > 0 ? [views.mlCausesText(jobs, 'ML jobs that wait for a person')] : []),
    ...(failed.length > 0 ? [views.mlCausesText(failed, 'ML jobs without a result')] : []),
    ...(quarantined.length > 0 ? [views.quarantinedText(quarantined)] : []),
    ...(fields.length > 0 ? [views.fieldsText(fields)] : []),
    ...(held.length > 0 ? [views.heldText(held)] : []),
    ...nextSteps(pages.length, jobs.length, held.length),
  ]
  const json = {
    pages,
    ml_jobs: jobs,
    ml_jobs_failed: failed,
    quarantined,
    record_issues: fields,
    held_deletions: held,
  }
  return told(json, parts.join('\n\n'), isWell)
}

function nextSteps(pages: number, jobs: number, held: number): string[] {
  const steps = [
    ...(pages > 0
      ? ['redrive --dry-run', 'drop --reason CAUSE --dry-run   where nobody will ever read them']
      : []),
    ...(jobs > 0 ? ['redrive --dry-run --ml'] : []),
    ...(held > 0 ? ['confirm ACCOUNT_ID --yes   where they are really deleted'] : []),
  ]
  if (steps.length === 0) return []
  return [
    steps.map((step, index) => `  ${index === 0 ? 'Next' : '    '}   npx social-sync ${step}`).join('\n'),
  ]
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

/** Posts that are held from being deleted, since they are many. */
async function confirm(client: Client, [account]: readonly string[], flags: Flags): Promise<Told> {
  if (!account) throw new UserError('name the account by its number (see npx social-sync parked)')
  if (!flags.yes) throw new UserError('its held posts would be called deleted: say --yes')
  const Answer = z.looseObject({ deleted: z.int() })
  const body = { account_id: account }
  const answer = await client.ask('POST', '/v1/held-deletions/confirm', Answer, body)
  return told(answer, `${number(answer.deleted)} posts of account ${account} are deleted`)
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
  confirm: {
    usage: 'confirm ACCOUNT_ID',
    about: 'say that posts held of an account are deleted: --yes',
    run: confirm,
  },
}
