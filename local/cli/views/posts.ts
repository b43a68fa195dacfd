import { styleText } from 'node:util'
import { plot } from 'simple-ascii-chart'
import type * as z from 'zod'
import type { PostView } from '#functions/sync/api/post.ts'
import { columns, number } from '../../view/frame.ts'
import { count, day, head } from './text.ts'

const short = (text: string, most: number) => {
  const line = [...text.replaceAll(/\s+/g, ' ').trim()]
  return line.length > most ? `${line.slice(0, most - 1).join('')}…` : line.join('')
}

export const postsText = (posts: readonly z.output<typeof PostView>[]) =>
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

/** A time, and the numbers of it as decimal text. */
interface Point {
  readonly observed_at: string
  readonly numbers: Readonly<Record<string, string | null>>
}

const most = 60

/** A chart of one number over its newest points, with the first and last value. */
export function chartText(items: readonly Point[], of: string): string {
  const points = items.flatMap(({ observed_at, numbers }) => {
    const value = numbers[of]
    return value === null || value === undefined ? [] : [{ at: observed_at, value: Number(value) }]
  })
  const shown = points.slice(-most)
  const [first] = shown
  const last = shown.at(-1)
  if (!first || !last) return `the platform hides its ${of}, or it was not read yet`
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
