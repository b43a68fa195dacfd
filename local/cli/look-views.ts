import { styleText } from 'node:util'
import { plot } from 'simple-ascii-chart'
import * as z from 'zod'
import { columns, number } from '../view/frame.ts'
import { day, head } from './views.ts'

const Count = z.string().nullable()

export const Plan = z.looseObject({
  never_read: z.int(),
  posts: z.int(),
  calls: z.array(z.object({ platform: z.string(), endpoint: z.string(), calls: z.int() })),
  pools: z.array(
    z.looseObject({
      pool: z.string(),
      units: z.int(),
      left: z.int(),
      ends_at: z.string(),
    }),
  ),
  now: z.string(),
  starts_at: z.string(),
  rows_at: z.string(),
  ml_jobs: z.int().nullable(),
  ready_at: z.string().nullable(),
  usd: z.object({ functions: z.number(), ml_jobs: z.number().nullable() }),
})

const usd = (value: number) => (value > 0 && value < 0.01 ? 'under 0.01 USD' : `${value.toFixed(2)} USD`)

export const planText = (plan: z.infer<typeof Plan>) =>
  [
    columns([
      ['posts listed', plan.never_read > 0 ? 'nobody has counted them yet: one page' : number(plan.posts)],
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
        head(['quota', 'takes', 'left now', 'given by (UTC)']),
        ...plan.pools.map(({ pool, units, left, ends_at }) => [
          ...[pool, number(units), number(left)],
          ends_at > plan.now ? day(ends_at) : 'now',
        ]),
      ],
      [1, 2],
    ),
  ].join('\n')

export const Post = z.looseObject({
  id: z.string(),
  class: z.string(),
  status: z.string(),
  title: z.string().nullable(),
  body: z.string().nullable(),
  published_at: z.string(),
  views: Count,
  likes: Count,
})

const count = (text: string | null) => (text === null ? 'hidden' : number(Number(text)))
const short = (text: string, most: number) => {
  const line = [...text.replaceAll(/\s+/g, ' ').trim()]
  return line.length > most ? `${line.slice(0, most - 1).join('')}…` : line.join('')
}

export const postsText = (posts: readonly z.infer<typeof Post>[]) =>
  columns(
    [
      head(['post', 'published (UTC)', 'kind', 'views', 'likes', '']),
      ...posts.map((post) => [
        ...[post.id, day(post.published_at), post.class, count(post.views), count(post.likes)],
        `${post.status === 'present' ? '' : `(${post.status}) `}${short(post.title ?? post.body ?? '', 50)}`,
      ]),
    ],
    [3, 4],
  )

export const History = z.object({
  items: z.array(z.object({ observed_at: z.string(), numbers: z.record(z.string(), Count) })),
})
export const numbersOf = {
  account: ['followers', 'following', 'posts', 'views', 'likes'],
  post: ['views', 'likes', 'comments', 'shares', 'saves'],
} as const

const most = 60

/** One number over time as a chart of characters, its ends in words; the newest points where there are many. */
export function chartText(items: z.infer<typeof History>['items'], of: string): string {
  const points = items.flatMap(({ observed_at, numbers: told }) => {
    const value = told[of]
    return value === null || value === undefined ? [] : [{ at: observed_at, value: Number(value) }]
  })
  const shown = points.slice(-most)
  const [first] = shown
  const last = shown.at(-1)
  if (!first || !last) return `the platform hides its ${of}, or nothing was read yet`
  const summary = columns([
    [styleText('bold', of), number(last.value), `at ${day(last.at)} UTC`],
    [
      'change',
      `${last.value < first.value ? '' : '+'}${number(last.value - first.value)}`,
      `since ${day(first.at)} UTC, ${number(shown.length)} points`,
    ],
  ])
  if (shown.length < 2) return summary
  const chart = plot(
    shown.map(({ at, value }): [number, number] => [Date.parse(at), value]),
    {
      ...{ width: 64, height: 10 },
      hideXAxisTicks: true,
      formatter: (value) => number(value),
    },
  )
  return `${summary}\n${chart}`
}

export const Why = z.looseObject({
  answers: z.array(
    z.looseObject({
      page_id: z.string(),
      endpoint: z.string(),
      answered_at: z.string(),
      told: z.array(z.string()),
      transform_version: z.int().nullable(),
      syncs: z.array(z.string()),
      trace_id: z.string().nullable(),
    }),
  ),
  ml_jobs: z.array(
    z.looseObject({
      id: z.string(),
      kind: z.string(),
      model: z.string(),
      model_version: z.string().nullable(),
      attempt_no: z.int(),
      status: z.string(),
      planned_at: z.string(),
      finished_at: z.string().nullable(),
      error: z.string().nullable(),
    }),
  ),
})

export const whyText = ({ answers, ml_jobs }: z.infer<typeof Why>) =>
  [
    columns([
      head(['answered (UTC)', 'call', 'told', 'page', 'sync', 'rules', 'trace']),
      ...answers.map((answer) => [
        ...[day(answer.answered_at), answer.endpoint, answer.told.join(' and ') || 'nothing new'],
        ...[
          answer.page_id,
          answer.syncs.join(', '),
          String(answer.transform_version ?? ''),
          answer.trace_id ?? '',
        ],
      ]),
    ]),
    '',
    ml_jobs.length === 0
      ? '  no ML job was planned for it'
      : columns([
          head(['ML job', 'of', 'model', 'attempt', 'state', 'planned (UTC)', 'ended (UTC)', '']),
          ...ml_jobs.map((job) => [
            ...[job.id, job.kind, job.model_version ?? job.model, String(job.attempt_no), job.status],
            ...[day(job.planned_at), job.finished_at ? day(job.finished_at) : '', job.error ?? ''],
          ]),
        ]),
  ].join('\n')
