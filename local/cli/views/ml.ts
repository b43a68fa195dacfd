import type * as z from 'zod'
import type { Annotated } from '#functions/sync/api/annotate.ts'
import type { MlSummary } from '#functions/sync/api/ml-job.ts'
import { columns, number } from '../../view/frame.ts'
import { day, head } from './text.ts'

const money = (usd: number | null) => (usd === null ? 'no price set' : `$${usd.toFixed(2)}`)

/** Jobs by provider and state, what holds them up, and the cost of days. */
export function summaryText({ jobs, held, days, unserved }: z.output<typeof MlSummary>): string {
  const parts = [
    jobs.length === 0
      ? 'no ML job is open, parked or failed'
      : columns(
          [
            head(['provider', 'kind', 'state', 'jobs', 'next at (UTC)']),
            ...jobs.map((one) => [
              ...[one.provider ?? '(not made yet)', one.kind, one.state, number(one.count)],
              one.next_at === null ? '' : day(one.next_at),
            ]),
          ],
          [3],
        ),
  ]
  for (const { provider, what, until } of held)
    parts.push(`${what} at ${provider} rests until ${day(until)} UTC: it was away, or its day is used up`)
  if (days.length > 0)
    parts.push(
      columns(
        [
          head(['day (UTC)', 'provider', 'kind', 'sent', 'perhaps twice', 'cost']),
          ...days.map((one) => [
            ...[one.day, one.provider, one.kind, number(one.sent), number(one.lost), money(one.usd)],
          ]),
        ],
        [3, 4, 5],
      ),
    )
  if (unserved.length > 0) parts.push(`no provider does ${unserved.join(', ')}: nothing of these is planned`)
  return parts.join('\n\n')
}

/** What the models are to look at, and its price. */
export function annotateText({ posts, jobs }: z.output<typeof Annotated>, isDone: boolean): string {
  const among = `of ${number(posts)} posts`
  if (jobs.length === 0) return `the models have seen everything ${among}`
  const rows = jobs.map((one) => [one.provider, one.kind, one.model, number(one.count), money(one.usd)])
  const table = columns([head(['provider', 'kind', 'model', 'jobs', 'cost']), ...rows], [3, 4])
  const next = isDone
    ? 'these are sent from now on: npx social-sync ml'
    : `this is at most what it would be, ${among}; add --yes to do it`
  return `${table}\n\n${next}`
}
