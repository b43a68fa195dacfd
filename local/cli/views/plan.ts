import type * as z from 'zod'
import type { Plan } from '#functions/sync/api/plan.ts'
import { columns, number } from '../../view/frame.ts'
import { day, head } from './text.ts'

const usd = (value: number) => (value > 0 && value < 0.01 ? 'under 0.01 USD' : `${value.toFixed(2)} USD`)

export const planText = (plan: z.output<typeof Plan>) =>
  [
    columns([
      ['posts listed', plan.never_read > 0 ? 'not known yet: one page' : number(plan.posts)],
      ['calls', plan.calls.map(({ endpoint, calls }) => `${number(calls)} ${endpoint}`).join(', ')],
      ['begins (UTC)', day(plan.starts_at)],
      ['on record', day(plan.rows_at)],
      ['ML jobs', plan.ml_jobs === null ? 'not known yet' : number(plan.ml_jobs)],
      ['all ready', plan.ready_at ? day(plan.ready_at) : 'not known yet'],
      [
        'money',
        `functions ${usd(plan.usd.functions)}${plan.usd.ml_jobs === null ? '' : `, ML jobs ${usd(plan.usd.ml_jobs)}`}`,
      ],
    ]),
    '',
    columns(
      [
        head(['quota', 'uses', 'left now', 'done by (UTC)']),
        ...plan.pools.map(({ pool, units, left, ends_at }) => [
          ...[pool, number(units), number(left)],
          ends_at > plan.now ? day(ends_at) : 'now',
        ]),
      ],
      [1, 2],
    ),
  ].join('\n')
