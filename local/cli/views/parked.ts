import type * as z from 'zod'
import type { MlCauseView } from '#functions/sync/api/ml-job.ts'
import type { ParkedCause } from '#functions/sync/api/parked.ts'
import type { FieldView, HeldView, QuarantinedView } from '#functions/sync/api/records.ts'
import { columns, number } from '../../view/frame.ts'
import { counted, day, head } from './text.ts'

interface Found {
  readonly pages: readonly z.output<typeof ParkedCause>[]
  readonly ml_jobs: readonly z.output<typeof MlCauseView>[]
  readonly ml_jobs_failed: readonly z.output<typeof MlCauseView>[]
  readonly quarantined: readonly z.output<typeof QuarantinedView>[]
  readonly record_issues: readonly z.output<typeof FieldView>[]
  readonly held_deletions: readonly z.output<typeof HeldView>[]
}

/** Whether anything waits for a person; what is only reported does not count. */
export const needsPerson = ({ pages, ml_jobs, held_deletions }: Found) =>
  pages.length + ml_jobs.length + held_deletions.length > 0

export const parkedText = (found: Found) =>
  [
    ...(needsPerson(found) ? [] : ['nothing is parked']),
    ...ifAny(found.pages, causesText),
    ...ifAny(found.ml_jobs, (jobs) => mlCausesText(jobs, 'ML jobs that wait for a person')),
    ...ifAny(found.ml_jobs_failed, (jobs) => mlCausesText(jobs, 'ML jobs without a result')),
    ...ifAny(found.quarantined, quarantinedText),
    ...ifAny(found.record_issues, fieldsText),
    ...ifAny(found.held_deletions, heldText),
    ...nextSteps(found),
  ].join('\n\n')

const ifAny = <Item>(items: readonly Item[], text: (items: readonly Item[]) => string) =>
  items.length > 0 ? [text(items)] : []

function nextSteps({ pages, ml_jobs, held_deletions }: Found): string[] {
  const steps = [
    ...(pages.length > 0
      ? ['redrive --dry-run', 'drop --reason CAUSE --dry-run   if they will never be readable']
      : []),
    ...(ml_jobs.length > 0 ? ['redrive --dry-run --ml'] : []),
    ...(held_deletions.length > 0 ? ['confirm ACCOUNT_ID --yes   if they are really deleted'] : []),
  ]
  const lines = steps.map((step, index) => `  ${index === 0 ? 'Next' : '    '}   npx social-sync ${step}`)
  return lines.length > 0 ? [lines.join('\n')] : []
}

interface Changed {
  readonly matched: number
  readonly changed: number
  readonly has_more: boolean
  readonly isDry: boolean | undefined
}

/** What a request that changes many has done, or would do: `12 of 12 pages dropped`. */
export function changedText(
  { matched, changed, has_more, isDry }: Changed,
  one: string,
  done: string,
): string {
  if (isDry) return `${counted(matched, one)}${has_more ? ' and more' : ''} would be ${done}`
  const rest = has_more ? '; no time was left for the rest: run the command again' : ''
  return `${number(changed)} of ${counted(matched, one)} ${done}${rest}`
}

const mlCausesText = (causes: readonly z.output<typeof MlCauseView>[], title: string) =>
  columns(
    [
      head([title, 'model', 'cause', 'jobs', 'for example']),
      ...causes.map(({ kind, model, reason, count, sample, message }) => [
        ...[kind, model, reason.replaceAll('_', ' '), number(count)],
        `job ${sample}${message ? `: ${message.slice(0, 80)}` : ''}`,
      ]),
    ],
    [3],
  )

const quarantinedText = (causes: readonly z.output<typeof QuarantinedView>[]) =>
  columns(
    [
      head(['platform', 'call', 'refused because', 'records', 'for example']),
      ...causes.map(({ platform, endpoint, cause, count, sample, path, faults }) => [
        ...[platform, endpoint, cause, number(count)],
        `page ${sample}, ${path}: ${faults.join('; ')}`,
      ]),
    ],
    [3],
  )

const fieldsText = (fields: readonly z.output<typeof FieldView>[]) =>
  columns(
    [
      head(['platform', 'call', 'field', 'in the rows', 'records', 'for example']),
      ...fields.map(({ platform, endpoint, field, code, records, sample }) => [
        ...[platform, endpoint, field, code === 'new_value' ? 'as it is' : 'NULL', number(records)],
        sample.slice(0, 60),
      ]),
    ],
    [4],
  )

const heldText = (held: readonly z.output<typeof HeldView>[]) =>
  columns(
    [
      head(['account', 'platform', 'handle', 'posts not found, many at once', 'since (UTC)']),
      ...held.map(({ account_id, platform, handle, posts, since }) => [
        ...[account_id, platform, handle ?? '', number(posts), day(since)],
      ]),
    ],
    [3],
  )

const causesText = (causes: readonly z.output<typeof ParkedCause>[]) =>
  columns(
    [
      head(['platform', 'call', 'cause', 'pages', 'oldest (UTC)', 'for example', '']),
      ...causes.map(({ platform, endpoint, reason, count, again, oldest, sample }) => [
        ...[platform, endpoint, reason, number(count), day(oldest), `page ${sample}`],
        again > 0 ? `${number(again)} parked again after a redrive` : '',
      ]),
    ],
    [3],
  )
