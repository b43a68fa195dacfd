import { styleText } from 'node:util'
import type * as z from 'zod'
import type { TraceView } from '#functions/sync/api/trace.ts'
import { columns, number } from '../../view/frame.ts'
import { head } from './text.ts'

type Trace = z.output<typeof TraceView>
type Task = Trace['tasks'][number]
type Step = Task['steps'][number]

const names = { walk: 'walk', page: '  page', ml: '  ML' } as const

/** What happened when, of each account; times are counted from when the sync was asked for. */
export const traceText = ({ tasks, now }: Trace) =>
  tasks.map((task) => [heading(task), columns([titles(), ...rowsOf(task, now)])].join('\n')).join('\n\n')

const titles = () => head(['after', 'for', 'step', 'of', 'how many', ''])

function heading({ platform, account, status, trace_id, trace_url }: Task): string {
  const where = trace_url ?? (trace_id === null ? 'no trace was kept' : `trace ${trace_id}`)
  return `  ${styleText('bold', `${platform} ${account}`)}  ${status}  ${styleText('gray', where)}`
}

function rowsOf({ asked_at, finished_at, steps, status }: Task, now: string): string[][] {
  const asked = Date.parse(asked_at)
  const rows = steps.map((step) => [
    lengthOf(Date.parse(step.at) - asked),
    step.until === null ? 'goes on' : lengthOf(Date.parse(step.until) - Date.parse(step.at)),
    names[step.step],
    step.what,
    `${number(step.count)}${step.step === 'ml' ? ' jobs' : ' pages'}`,
    outcomesOf(step),
  ])
  const end = [lengthOf(Date.parse(finished_at ?? now) - asked), '', finished_at ? status : 'now', '', '', '']
  return [...rows, end]
}

const outcomesOf = ({ step, outcomes }: Step) =>
  step === 'walk'
    ? ''
    : Object.entries(outcomes)
        .map(([outcome, n]) => `${number(n)} ${outcome}`)
        .join(', ')

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const

/** In the two largest units, or seconds. */
function lengthOf(ms: number): string {
  const seconds = Math.max(0, ms) / 1_000
  const [unit, size] = units.find(([, many]) => seconds >= many) ?? []
  if (unit === undefined || size === undefined) return `${seconds.toFixed(1)} s`
  const [nextUnit, nextSize] = units[units.findIndex(([name]) => name === unit) + 1] ?? ['s', 1]
  const rest = Math.floor((seconds % size) / nextSize)
  return `${Math.floor(seconds / size)} ${unit}${rest > 0 ? ` ${rest} ${nextUnit}` : ''}`
}
