import { useEffect, useRef, useState } from 'preact/hooks'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { dayText, type Point } from './days.tsx'
import { locale, number, t } from './language.ts'

export interface Line {
  readonly name: string
  readonly points: readonly Point[]
}

/** So many lines differ in colour and, for those who see none, in dashes. */
const looks = [
  ['--accent', []],
  ['--line-2', [8, 4]],
  ['--line-3', [2, 3]],
  ['--line-4', [12, 3, 2, 3]],
  ['--line-5', [1, 7]],
] as const

/** Steps between lines, in whole numbers: there are no half followers. */
export const wholes = Array.from({ length: 13 }, (_one, power) =>
  [1, 2, 5].map((step) => step * 10 ** power),
).flat()

const height = 220
const dayS = 86_400

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
const secondsOf = (day: string) => Date.parse(day) / 1_000

/** From the first to the last; a single one has a day on each side. */
export function spanOf(times: ArrayLike<number>): [number, number] {
  const [first, last] = [times[0] ?? 0, times[times.length - 1] ?? 0]
  return first === last ? [first - dayS, last + dayS] : [first, last]
}

/** The lines over all their days; null where one has no point. */
function dataOf(lines: readonly Line[]): UPlot.AlignedData {
  const days = [...new Set(lines.flatMap(({ points }) => points.map(({ day }) => day)))].sort()
  const series = lines.map(({ points }) => {
    const byDay = new Map(points.map(({ day, value }) => [day, value]))
    return days.map((day) => byDay.get(day) ?? null)
  })
  return [days.map(secondsOf), ...series]
}

function optionsFor(lines: readonly Line[], width: number): UPlot.Options {
  const axis = {
    stroke: colour('--quiet'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1 },
  }
  const compact = (value: number) => number(value, { notation: 'compact', maximumSignificantDigits: 4 })
  const short = (at: number) =>
    new Date(at * 1_000).toLocaleDateString(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' })
  return {
    ...{ width, height },
    legend: { show: false },
    scales: {
      x: { time: false, range: ({ data: [times] }) => spanOf(times) },
    },
    series: [
      {},
      ...lines.map(({ name }, place): UPlot.Series => {
        const [stroke, dash] = looks[place % looks.length] ?? looks[0]
        return {
          label: name,
          stroke: colour(stroke),
          width: 2,
          dash: [...dash],
          spanGaps: true,
          points: { show: true, size: 5 },
        }
      }),
    ],
    axes: [
      {
        ...axis,
        space: 70,
        incrs: [1, 2, 7, 14, 28, 91].map((days) => days * dayS),
        values: (_plot, values) => values.map(short),
      },
      {
        ...axis,
        incrs: wholes,
        size: (_plot, labels) => 20 + 8 * Math.max(3, ...(labels ?? []).map((label) => label.length)),
        values: (_plot, values) => values.map(compact),
      },
    ],
  }
}

/** Numbers over days: lines, what each is, and all of it as a table. */
export function Lines({ title, lines }: { readonly title: string; readonly lines: readonly Line[] }) {
  const frame = useRef<HTMLDivElement>(null)
  const shown = lines.filter(({ points }) => points.length > 0)
  const text = JSON.stringify(shown)
  useEffect(() => {
    const element = frame.current
    if (!element || shown.length === 0) return
    const plot = new UPlot(optionsFor(shown, element.clientWidth), dataOf(shown), element)
    const resized = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }))
    resized.observe(element)
    return () => {
      resized.disconnect()
      plot.destroy()
    }
  }, [text])
  const label = shown.map((line) => describe(line)).join('; ')
  return (
    <figure class="chart">
      <figcaption>
        {title}
        {lines.length > 1 && <Legend lines={shown} />}
      </figcaption>
      {shown.length === 0 || shown.every(({ points }) => points.length < 2) ? (
        <p class="empty">{t('numbers.noHistory')}</p>
      ) : (
        <div ref={frame} role="img" aria-label={`${title}. ${label}`} />
      )}
      {shown.length > 0 && <Table lines={shown} />}
    </figure>
  )
}

const describe = ({ name, points }: Line) =>
  t('numbers.chart', {
    name,
    days: t('numbers.lastDays', { count: points.length }),
    first: number(points[0]?.value ?? 0),
    last: number(points.at(-1)?.value ?? 0),
  })

const Legend = ({ lines }: { readonly lines: readonly Line[] }) => (
  <ul class="legend">
    {lines.map(({ name }, place) => {
      const [stroke, dash] = looks[place % looks.length] ?? looks[0]
      return (
        <li key={name}>
          <svg width="32" height="8" aria-hidden="true">
            <line
              x2="32"
              y1="4"
              y2="4"
              stroke={`var(${stroke})`}
              stroke-width="3"
              stroke-dasharray={dash.join(' ')}
            />
          </svg>{' '}
          {name}
        </li>
      )
    })}
  </ul>
)

function Table({ lines }: { readonly lines: readonly Line[] }) {
  const [isOpen, setOpen] = useState(false)
  const days = isOpen
    ? [...new Set(lines.flatMap(({ points }) => points.map(({ day }) => day)))].sort().reverse()
    : []
  const valueOn = ({ points }: Line, day: string) => points.find((point) => point.day === day)?.value
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('numbers.table')}</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('numbers.day')}</th>
            {lines.map(({ name }) => (
              <th key={name} scope="col" class="number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {days.map((day) => (
            <tr key={day}>
              <td data-label={t('numbers.day')}>{dayText(day)}</td>
              {lines.map((line) => (
                <td key={line.name} data-label={line.name} class="number">
                  {valueOn(line, day) === undefined ? '' : number(valueOn(line, day) ?? 0)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
