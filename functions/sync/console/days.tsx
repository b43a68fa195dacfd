import type { Query } from './address.ts'
import { locale, number, t } from './language.ts'
import type { DayOf } from './types.ts'

/** A day as it is written here, `2026-11-30`; days have no time zone of the reader. */
export const dayText = (day: string) =>
  new Date(`${day}T00:00:00Z`).toLocaleDateString(locale, { dateStyle: 'medium', timeZone: 'UTC' })

export interface Point {
  readonly day: string
  readonly value: number
}

/**
 * The number of followers by day, reckoned backwards from the last known by what each day brought: also of several accounts
 * together, of which not each was seen every day.
 */
export function followersByDay(days: readonly DayOf[], last: string | null): Point[] {
  if (last === null) return []
  let value = Number(last)
  return days
    .toReversed()
    .map(({ day, followers_gained }) => {
      const point = { day, value }
      value -= Number(followers_gained ?? 0)
      return point
    })
    .reverse()
}

/** What each day brought, where that is known. */
export const gainsByDay = (
  days: readonly DayOf[],
  of: 'followers_gained' | 'views_gained' | 'engagement_gained',
): Point[] => days.flatMap((day) => (day[of] === null ? [] : [{ day: day.day, value: Number(day[of]) }]))

const [width, height] = [120, 32]

/** A number over days as a line the size of a word. */
export function Sparkline({ points, name }: { readonly points: readonly Point[]; readonly name: string }) {
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last || points.length < 2) return null
  const values = points.map(({ value }) => value)
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const [from, to] = [Date.parse(first.day), Date.parse(last.day)]
  const at = ({ day, value }: Point) => {
    const x = ((Date.parse(day) - from) / (to - from)) * (width - 4) + 2
    const y = height - 3 - ((value - least) / (most - least || 1)) * (height - 6)
    return `${x.toFixed(1)},${y.toFixed(1)}`
  }
  const label = t('numbers.chart', {
    name,
    days: t('numbers.lastDays', { count: points.length }),
    first: number(first.value),
    last: number(last.value),
  })
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      role="img"
      aria-label={label}
    >
      <polyline points={points.map(at).join(' ')} fill="none" stroke="currentColor" stroke-width="2" />
    </svg>
  )
}

const lengths = ['7', '28', '90'] as const

/** Which days are shown: the last 7, 28 or 90, or from one to another. The address holds it. */
export function RangePicker(props: { readonly query: Query; readonly change: (changes: Query) => void }) {
  const { query, change } = props
  const isOwn = 'from' in query
  const chosen = isOwn ? 'own' : (query['days'] ?? '28')
  const choose = (value: string) => {
    // Without a last day it goes on to today, as the API counts days.
    const monthAgo = new Date(Date.now() - 30 * 86_400_000).toISOString().slice(0, 10)
    change(value === 'own' ? { days: '', from: monthAgo, to: '' } : { days: value, from: '', to: '' })
  }
  return (
    <>
      <label>
        {t('numbers.range')}{' '}
        <select value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
          {lengths.map((days) => (
            <option key={days} value={days}>
              {t('numbers.lastDays', { count: Number(days) })}
            </option>
          ))}
          <option value="own">{t('numbers.ownRange')}</option>
        </select>
      </label>
      {isOwn && (
        <>
          <Day name="from" label={t('numbers.from')} {...props} />
          <Day name="to" label={t('numbers.to')} {...props} />
        </>
      )}
    </>
  )
}

/** A range with one end moved; the other moves along where it would come to lie on the wrong side. */
function movedTo(name: 'from' | 'to', day: string, { from = '', to = '' }: Query): Query {
  if (name === 'to') return { to: day, ...(day !== '' && day < from ? { from: day } : {}) }
  return day === '' ? {} : { from: day, ...(to !== '' && to < day ? { to: day } : {}) }
}

const Day = (props: {
  readonly name: 'from' | 'to'
  readonly label: string
  readonly query: Query
  readonly change: (changes: Query) => void
}) => (
  <label>
    {props.label}{' '}
    <input
      type="date"
      required={props.name === 'from'}
      value={props.query[props.name] ?? ''}
      onChange={(event) => props.change(movedTo(props.name, event.currentTarget.value, props.query))}
    />
  </label>
)

/** An address of the console with the days that are shown here. */
export function withRange(address: string, query: Query): string {
  const isChosen = ['days', 'from', 'to'].some((name) => query[name])
  return isChosen ? `${address}?${new URLSearchParams(rangeIn(query))}` : address
}

/** What of an address says which days are shown. */
export const rangeIn = ({ days, from, to }: Query): Record<string, string> =>
  from ? { from, ...(to ? { to } : {}) } : { days: days ?? '28' }
