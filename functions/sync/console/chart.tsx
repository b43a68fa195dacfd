import { useEffect, useRef, useState } from 'preact/hooks'
import UPlot from 'uplot'
import { language, locale, t } from './language.ts'
import { spanOf, wholes } from './lines.tsx'
import 'uplot/dist/uPlot.min.css'
import { count } from './measures.tsx'
import { Card, Shown, Time } from './parts.tsx'
import type { History } from './types.ts'
import type { Loaded } from './use-api.ts'

const compact = new Intl.NumberFormat(language, { notation: 'compact', maximumSignificantDigits: 4 })
const height = 180

/** The points of one number, without those where it was hidden. */
function pointsOf(history: History, name: string): { times: number[]; values: number[] } {
  const points = history.items.flatMap(({ observed_at, numbers }) => {
    const value = numbers[name]
    return value === null || value === undefined
      ? []
      : [{ at: Date.parse(observed_at) / 1_000, value: Number(value) }]
  })
  return { times: points.map(({ at }) => at), values: points.map(({ value }) => value) }
}

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

/** The day where one begins, else the time of the day, in the reader's zone. */
const timesOf = (_plot: UPlot, times: number[]) =>
  times.map((time) => {
    const at = new Date(time * 1_000)
    const isDay = at.getHours() === 0 && at.getMinutes() === 0
    return isDay
      ? at.toLocaleDateString(locale, { day: 'numeric', month: 'short' })
      : at.toLocaleTimeString(locale, { timeStyle: 'short' })
  })

/** As wide as the widest of its labels. */
const sizeOf = (_plot: UPlot, labels: string[] | null) =>
  20 + 8 * Math.max(3, ...(labels ?? []).map((label) => label.length))

/** `onPoint` gets the point under the pointer; null: none. */
function optionsFor(label: string, width: number, onPoint: (index: number | null) => void): UPlot.Options {
  const axis = {
    stroke: colour('--quiet'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1 },
  }
  return {
    ...{ width, height },
    legend: { show: false },
    scales: { x: { range: ({ data: [times] }) => spanOf(times) } },
    cursor: { points: { size: 7 } },
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
    series: [
      {},
      {
        label,
        stroke: colour('--accent'),
        width: 2,
        fill: colour('--accent-soft'),
        points: { show: true, size: 5 },
      },
    ],
    axes: [
      { ...axis, values: timesOf, space: 70 },
      {
        ...axis,
        size: sizeOf,
        incrs: wholes,
        values: (_plot, values) => values.map((value) => compact.format(value)),
      },
    ],
  }
}

/** What is shown over time. */
type Measure = 'followers' | 'views' | 'posts' | 'likes' | 'comments' | 'shares' | 'saves'

/** The history of an account or a post: a chart of each of these numbers. */
export function Charts({ of, names }: { readonly of: Loaded<History>; readonly names: readonly Measure[] }) {
  return (
    <Card title={t('work.history')}>
      <Shown of={of}>
        {(history) => (
          <div class="charts">
            {known(history, names).map((name) => (
              <Chart key={name} history={history} name={name} />
            ))}
          </div>
        )}
      </Shown>
    </Card>
  )
}

/** Those of which something is known; when nothing is, the first says so. */
function known(history: History, names: readonly Measure[]): readonly Measure[] {
  const some = names.filter((name) => pointsOf(history, name).values.length > 0)
  return some.length > 0 ? some : names.slice(0, 1)
}

interface Points {
  readonly times: readonly number[]
  readonly values: readonly number[]
}
type OnPoint = (index: number | null) => void

/** One number over time, as a line and, for those who cannot see it, as a table. */
function Chart({ history, name }: { readonly history: History; readonly name: Measure }) {
  const label = t(`numbers.${name}`)
  const frame = useRef<HTMLDivElement>(null)
  const onPoint = useRef<OnPoint>(() => undefined)
  const points = pointsOf(history, name)
  const { times, values } = points
  useEffect(() => {
    const element = frame.current
    if (!element || times.length === 0) return
    const options = optionsFor(label, element.clientWidth, (index) => onPoint.current(index))
    const plot = new UPlot(options, [times, values], element)
    const resized = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }))
    resized.observe(element)
    return () => {
      resized.disconnect()
      plot.destroy()
    }
  }, [label, times.join(), values.join()])
  const last = values.at(-1)
  if (last === undefined) {
    return (
      <figure class="chart">
        <figcaption>{label}</figcaption>
        <p class="empty">{t('work.hiddenOrNone')}</p>
      </figure>
    )
  }
  return (
    <figure class="chart">
      <Caption label={label} points={points} onPoint={onPoint} />
      <div
        ref={frame}
        role="img"
        aria-label={t('work.chartIs', {
          name: label,
          points: t('work.points', { count: values.length }),
          last: count(last),
        })}
      />
      <PointTable points={points} />
    </figure>
  )
}

/** The newest value, or the one under the pointer; only this is drawn again then. */
function Caption(props: {
  readonly label: string
  readonly points: Points
  readonly onPoint: { current: OnPoint }
}) {
  const { label, points, onPoint } = props
  const [pointed, setPointed] = useState<number | null>(null)
  onPoint.current = setPointed
  const at = pointed === null ? undefined : points.times[pointed]
  const value = points.values[at === undefined ? points.values.length - 1 : (pointed ?? 0)]
  return (
    <figcaption>
      {label} <strong>{count(value ?? null)}</strong>{' '}
      {at !== undefined && <Time at={new Date(at * 1_000).toISOString()} />}
    </figcaption>
  )
}

function PointTable({ points: { times, values } }: { readonly points: Points }) {
  const [isOpen, setOpen] = useState(false)
  const newestFirst = isOpen ? [...times.entries()].reverse() : []
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('work.asTable', { points: t('work.points', { count: values.length }) })}</summary>
      <table>
        <tbody>
          {newestFirst.map(([index, at]) => (
            <tr key={at}>
              <td>
                <Time at={new Date(at * 1_000).toISOString()} />
              </td>
              <td class="number">{count(values[index] ?? null)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
