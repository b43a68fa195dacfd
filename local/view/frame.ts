import { styleText } from 'node:util'
import { getBorderCharacters, table } from 'table'
import type { Detail, Window } from '../standing.ts'

export const number = (value: number) => value.toLocaleString('en-US')
const minutes = (time: Date) => time.toISOString().slice(0, 16).replace('T', ' ')

/** Text of others for a terminal: nothing in it moves, clears or renames what a person sees; our colours stay. */
const harmless = (text: string) =>
  text.replaceAll(/\p{Cc}(?:\[\d{1,2}m)?/gu, (control) => (control.startsWith('\u001b[') ? control : ' '))

/** Columns without lines, for terminals. */
export function columns(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const width = Math.max(...rows.map((row) => row.length))
  return table(
    rows.map((row) => [...row.map(harmless), ...Array.from({ length: width - row.length }, () => '')]),
    {
      border: getBorderCharacters('void'),
      columnDefault: { paddingLeft: 2, paddingRight: 1 },
      columns: Object.fromEntries(right.map((column) => [column, { alignment: 'right' as const }])),
      drawHorizontalLine: () => false,
    },
  )
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd()
}

/** A bar of so many cells that shows a share. */
export function bar(done: number, all: number, cells = 24): string {
  const full = all === 0 ? 0 : Math.floor((done / all) * cells)
  return `${styleText('green', '█'.repeat(full))}${styleText('gray', '░'.repeat(cells - full))}`
}

export interface FrameFacts {
  readonly name: string
  readonly time: Date
  /** How many times faster the idle world runs; 1: real time. */
  readonly speed: number
  readonly url: string
}

const openTasks = (tasks: Readonly<Record<string, number>>) =>
  (tasks['queued'] ?? 0) + (tasks['waiting'] ?? 0) + (tasks['extracting'] ?? 0) + (tasks['transforming'] ?? 0)

/** The live view: a few aligned lines that say where everything stands. Pure. */
export function frameText(detail: Detail, facts: FrameFacts): string {
  const { standing, pages, ml, quota, waiting } = detail
  const { tasks, ml_jobs } = standing
  const syncs = Object.values(tasks).reduce((sum, count) => sum + count, 0)
  const read = syncs - openTasks(tasks)
  const final = ml_jobs.done + ml_jobs.failed + ml_jobs.expired
  const pace = facts.speed === 1 ? '' : `, ${number(facts.speed)}× when idle`
  const head = `${styleText('bold', 'social-sync')}  ${facts.name}  ${styleText('cyan', `${minutes(facts.time)} UTC`)}${pace}`
  const rows = [
    [
      'accounts',
      number(standing.accounts),
      `${bar(read, syncs)}  ${number(read)} of ${number(syncs)} syncs read`,
    ],
    ['pages', number(pages.transformed), `${number(pages.stored)} to be read${parked(standing.parked)}`],
    ['posts', number(standing.posts), `${number(standing.post_metrics)} rows of metric history`],
    [
      'ML jobs',
      number(final + ml_jobs.open),
      `${bar(final, final + ml_jobs.open)}  ${number(ml_jobs.done)} done, ${number(ml.submitted)} at the provider, ${number(ml.planned)} to send, ${number(ml_jobs.failed + ml_jobs.expired)} failed`,
    ],
    ...quota.map((window) => ['quota', number(window.left), quotaText(window)]),
    ...waiting.map(({ reason, count, until }) => [
      'waiting',
      number(count),
      styleText('yellow', `${reason}, until ${minutes(until)}`),
    ]),
  ]
  const foot = styleText('gray', `HTTP API ${facts.url}   Ctrl-C stops, the next start goes on`)
  return ['', head, columns(rows, [1]), foot].join('\n')
}

function parked(count: number): string {
  return count === 0 ? '' : `, ${styleText('red', `${number(count)} parked`)}`
}

function quotaText({ pool, limit, blockedUntil }: Window): string {
  const blocked = blockedUntil ? styleText('yellow', `, closed until ${minutes(blockedUntil)}`) : ''
  return `left of ${number(limit)} in ${pool}${blocked}`
}

/** One line of progress, for output that is no terminal. */
export function progressLine({ standing, waiting }: Detail, worldTime: Date): string {
  const { tasks, ml_jobs } = standing
  const all = Object.values(tasks).reduce((sum, count) => sum + count, 0)
  const ml = ml_jobs.done + ml_jobs.failed + ml_jobs.expired + ml_jobs.open
  return [
    minutes(worldTime),
    `syncs ${number(all - openTasks(tasks))}/${number(all)}`,
    `posts ${number(standing.posts)}`,
    `ML jobs ${number(ml - ml_jobs.open)}/${number(ml)}`,
    ...waiting.map(({ reason, count }) => `waiting ${number(count)} (${reason})`),
    ...(standing.parked ? [`parked ${number(standing.parked)}`] : []),
  ].join('   ')
}
