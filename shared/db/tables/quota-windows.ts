import { type QuotaNeed, type QuotaWindow, reserves } from '../../model/quota.ts'
import type { Lane } from '../../model/sync.ts'
import type { Queryable } from '../pool.ts'
import { raw, sql } from '../sql.ts'

export type Reservation =
  | { readonly granted: true; readonly windows: readonly ReservedWindow[] }
  | {
      readonly granted: false
      readonly window: QuotaWindow
      readonly opens_at: Date
      readonly period_s: number
    }
export interface ReservedWindow extends QuotaWindow {
  readonly window_start: Date
  /** Units reserved so far of all that counts, these included. */
  readonly used: number
}

const slotMinutes = 5

const startOf = ({ period, zone }: QuotaWindow) =>
  period === 'rolling hour'
    ? sql`date_bin(${slotMinutes} * interval '1 minute', app_now(), timestamptz '2000-01-01 00:00+00')`
    : sql`date_trunc(${raw(`'${period}'`)}, app_now() at time zone ${zone}) at time zone ${zone}`

/** When the window that is open now has ended; of a rolling one, when its oldest slot that counts no longer does. */
const endOf = (window: QuotaWindow) => {
  const { pool, period, zone } = window
  if (period !== 'rolling hour')
    return sql`(date_trunc(${raw(`'${period}'`)}, app_now() at time zone ${zone}) + interval '1 ${raw(period)}') at time zone ${zone}`
  return sql`(select coalesce(min(q.window_start), ${startOf(window)}) + ${60 + slotMinutes} * interval '1 minute'
    from quota_windows q where q.pool = ${pool} and q.used > 0 and ${stillCounts(window)})`
}

/** When everything that counts now has ended; of a rolling window its newest slot. */
const lastEndOf = (window: QuotaWindow) =>
  window.period === 'rolling hour'
    ? sql`${startOf(window)} + ${60 + slotMinutes} * interval '1 minute'`
    : endOf(window)

/** A slot, as `q`, that a call made now could share an hour with. */
const stillCounts = (window: QuotaWindow) =>
  sql`q.window_start > ${startOf(window)} - ${60 + slotMinutes} * interval '1 minute'`

/** Units of the earlier slots that count beside the one that is open; nothing where windows do not roll. */
const usedBefore = (window: QuotaWindow) =>
  window.period === 'rolling hour'
    ? sql`(select coalesce(sum(q.used), 0)::int from quota_windows q
        where q.pool = ${window.pool} and q.window_start < ${startOf(window)} and ${stillCounts(window)})`
    : sql`0`

const unitOf = ({ period }: QuotaWindow) => (period === 'rolling hour' ? 'hour' : period)
const isBlocked = (pool: string) =>
  sql`exists (select from quota_windows b where b.pool = ${pool} and b.blocked_until > app_now())`

/**
 * Reserves units before a call, one autocommit statement per window, widest first. Granted units are never given back: not after
 * a failed call, which may have reached the platform, and not if a narrower window refuses. A block outlives its window.
 */
export async function reserveQuota(db: Queryable, need: QuotaNeed, lane: Lane): Promise<Reservation> {
  const granted: ReservedWindow[] = []
  for (const window of need.windows) {
    const room = window.limit - Math.floor(window.limit * reserves[lane])
    const [row] = await db.rows<{ window_start: Date; used: number }>(sql`
      insert into quota_windows as q (pool, window_start, used, "limit")
      select ${window.pool}, ${startOf(window)}, ${need.units}::int, ${window.limit}::int
      where ${need.units}::int + ${usedBefore(window)} <= ${room}::int and not ${isBlocked(window.pool)}
      on conflict (pool, window_start) do update set used = q.used + excluded.used, "limit" = excluded."limit"
      where q.used + excluded.used + ${usedBefore(window)} <= ${room}::int and q.blocked_until <= app_now()
      returning window_start, used + ${usedBefore(window)} as used`)
    if (!row) return { granted: false, window, ...(await openingOf(db, window)) }
    granted.push({ ...window, ...row })
  }
  return { granted: true, windows: granted }
}

/**
 * When the pool can be asked again: at the end of its block, or if there is none at the end of the open window.
 */
async function openingOf(db: Queryable, window: QuotaWindow): Promise<{ opens_at: Date; period_s: number }> {
  const [row] = await db.rows<{ opens_at: Date; period_s: number }>(sql`
    select greatest(
        (select max(blocked_until) from quota_windows where pool = ${window.pool} and blocked_until > app_now()),
        case when not ${isBlocked(window.pool)} then ${endOf(window)} end) as opens_at,
      extract(epoch from interval '1 ${raw(unitOf(window))}')::float8 as period_s`)
  if (!row) throw new Error('a select without a table has one row')
  return row
}

/** How much of a pool is used at this moment. */
export interface PoolStanding {
  readonly used: number
  /** When something of what counts now no longer does. */
  readonly opens_at: Date
  /** When none of it does any more, and the length of such a window. */
  readonly closes_at: Date
  readonly period_s: number
  /** null: it is open. */
  readonly blocked_until: Date | null
}

/** Looks at a pool without taking anything from it. */
export async function standingOf(db: Queryable, window: QuotaWindow): Promise<PoolStanding> {
  const [row] = await db.rows<PoolStanding>(sql`
    select coalesce((select q.used from quota_windows q where q.pool = ${window.pool} and q.window_start = ${startOf(window)}), 0)
        + ${usedBefore(window)} as used,
      ${endOf(window)} as opens_at, ${lastEndOf(window)} as closes_at,
      extract(epoch from interval '1 ${raw(unitOf(window))}')::float8 as period_s,
      (select max(blocked_until) from quota_windows where pool = ${window.pool} and blocked_until > app_now()) as blocked_until`)
  if (!row) throw new Error('a select without a table has one row')
  return row
}

/** The platform counts more than we reserved: raises `used` to that, at most to the limit, in the window reserved from. */
export async function correctUsed(db: Queryable, window: ReservedWindow, used: number): Promise<void> {
  if (used <= window.used) return
  await db.rows(sql`
    update quota_windows set used = greatest(used, least("limit", ${Math.ceil(used)}::int - ${usedBefore(window)}))
    where pool = ${window.pool} and window_start = ${window.window_start}`)
}

/** Clocks differ by so much at most: a window that has just opened for us may still be the one before for the platform. */
const clocksDiffer = sql`interval '30 minutes'`

/**
 * The platform says that the window is used up: raises `used` to the limit in the window that was reserved from, and
 * blocks the pool until that window ends. Of a long window that has just opened this may be said of the one before: then
 * the pool only rests until no clock can be so far ahead.
 */
export async function exhaustWindow(db: Queryable, window: ReservedWindow): Promise<void> {
  const end = sql`(window_start at time zone ${window.zone} + interval '1 ${raw(unitOf(window))}') at time zone ${window.zone}`
  const isEarly = sql`(${window.period === 'day'}::boolean and app_now() < window_start + ${clocksDiffer} and used * 2 < "limit")`
  await db.rows(sql`
    update quota_windows set used = case when ${isEarly} then used else "limit" end, blocked_until = greatest(blocked_until,
      case when ${isEarly} then window_start + ${clocksDiffer} else ${end} end)
    where pool = ${window.pool} and window_start = ${window.window_start}`)
}

/** The quota of a day is used up, whatever windows we count in: the pool rests until the day ends. */
export async function blockForDay(db: Queryable, window: ReservedWindow): Promise<void> {
  if (window.period === 'day') return exhaustWindow(db, window)
  await db.rows(sql`
    update quota_windows set blocked_until = greatest(blocked_until,
      (date_trunc('day', app_now() at time zone ${window.zone}) + interval '1 day') at time zone ${window.zone})
    where pool = ${window.pool} and window_start = ${window.window_start}`)
}

/** Blocks a pool for a while: the platform asks to slow down, or refuses the credential. The circuit breaker of ML. */
export async function blockPool(db: Queryable, window: ReservedWindow, forMs: number): Promise<void> {
  await db.rows(sql`
    update quota_windows
    set blocked_until = greatest(blocked_until, app_now() + ${forMs} * interval '1 millisecond')
    where pool = ${window.pool} and window_start = ${window.window_start}`)
}

/** Blocks a pool from which nothing was reserved. */
export async function closePool(db: Queryable, window: QuotaWindow, forMs: number): Promise<void> {
  await db.rows(sql`
    insert into quota_windows as q (pool, window_start, used, "limit", blocked_until)
    values (${window.pool}, ${startOf(window)}, 0, ${window.limit}, app_now() + ${forMs} * interval '1 millisecond')
    on conflict (pool, window_start) do update set blocked_until = greatest(q.blocked_until, excluded.blocked_until)`)
}

/** Whether a pool was blocked until a moment ago: the first calls show whether what closed it is over. */
export async function wasBlocked(db: Queryable, { pool }: QuotaWindow): Promise<boolean> {
  const found = await db.rows(sql`
    select from quota_windows where pool = ${pool} and blocked_until > app_now() - interval '10 minutes' limit 1`)
  return found.length > 0
}
