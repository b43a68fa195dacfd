import type { PoolStanding } from '#shared/db/tables/quota-windows.ts'
import type { Ahead } from '#shared/db/views/forecast.ts'
import type { Platform } from '#shared/model/account.ts'
import { type QuotaWindow, reserves } from '#shared/model/quota.ts'
import type { Lane } from '#shared/model/sync.ts'
import type { Calls } from '#shared/platforms/calls.ts'

/** Calls of one kind that a walk will make, and what they take. */
interface Counted {
  readonly platform: Platform
  readonly endpoint: string
  readonly calls: number
  /** Units that each takes of each window. */
  readonly units: number
  readonly windows: readonly QuotaWindow[]
}

/** One account that is to be walked, with the calls that are open to it. */
export interface Planned {
  readonly ahead: Ahead
  readonly calls: Calls
  /** What was done before: entries listed, listed ones that are yet to be asked about. */
  readonly done?: {
    readonly profile: boolean
    readonly listed: number
    readonly pending: number
    readonly has_listed: boolean
  }
}

/** The calls of these walks by kind: lookups go many to a call, but for accounts that are known by a handle alone. */
export function countCalls(planned: readonly Planned[]): Counted[] {
  const kinds = Map.groupBy(
    planned.flatMap((one) => kindsOf(one)),
    ({ platform, endpoint, windows }) => [platform, endpoint, ...windows.map(({ pool }) => pool)].join(' '),
  )
  return [...kinds.values()].flatMap(([first, ...others]) => {
    if (!first) return []
    const calls = [first, ...others].reduce((sum, kind) => sum + kind.calls, 0)
    return calls > 0 ? [{ ...first, calls: Math.ceil(calls - 1e-9) }] : []
  })
}

function kindsOf({ ahead, calls, done }: Planned): Counted[] {
  const { platform } = ahead
  const { profiles, list, posts } = calls
  const pages = done?.has_listed ? 0 : pagesLeft(ahead, calls, done?.listed ?? 0)
  const listed = Math.min(
    pages * list.size,
    Math.max(0, listable(ahead.posts ?? list.size, calls) - (done?.listed ?? 0)),
  )
  const ids = listed + (done?.pending ?? 0)
  const share = ahead.native_id === null ? 1 : 1 / profiles.size
  const kind = ({ endpoint, need }: typeof profiles, count: number): Counted => ({
    ...{ platform, endpoint, calls: count },
    ...need(ahead),
  })
  return [
    kind(profiles, done?.profile ? 0 : share),
    kind(list, pages),
    ...(posts ? [kind(posts, ids / posts.size)] : []),
  ]
}

/** How many of an account's posts the platform lists at most. */
export const listable = (posts: number, { list }: Calls): number => Math.min(posts, list.cap)

/** Of an account that was never read a page is counted. */
function pagesLeft(ahead: Ahead, calls: Calls, listed: number): number {
  const { list } = calls
  const { since, now } = ahead
  const posts = listable(ahead.posts ?? 1, calls)
  const wanted = ahead.posts === null ? 1 : listable(ahead.wanted, calls)
  const pages = list.pages({ posts, wanted, now, since }) - Math.floor(listed / list.size)
  return Math.max(0, pages - (list.isBegunByProfile && listed === 0 ? 1 : 0))
}

/** What a pool has to give, and what it takes to have all that is wanted of it. */
export interface PoolNeed {
  readonly pool: string
  readonly units: number
  /** Units that this lane may have of each window. */
  readonly room: number
  /** Of these left at this moment; 0 while it is blocked. */
  readonly left: number
  readonly limit: number
  /** Windows after the one that is open, of which something is needed. */
  readonly windows: number
  readonly blocked_until: Date | null
  readonly starts_at: Date
  readonly ends_at: Date
}

/** How long the units take: what is left now, and the rest when the next windows open, if no other sync starts meanwhile. */
export function poolNeed(
  window: QuotaWindow,
  units: number,
  lane: Lane,
  standing: PoolStanding,
  now: Date,
): PoolNeed {
  const { used, opens_at, closes_at, period_s, blocked_until } = standing
  const room = Math.max(1, window.limit - Math.floor(window.limit * reserves[lane]))
  // A block that outlives its window opens a new one, nothing of which is used.
  const isSpent = blocked_until !== null && blocked_until >= closes_at
  const next = isSpent ? blocked_until : closes_at
  const here = isSpent ? 0 : Math.max(0, room - used)
  const windows = units <= here ? 0 : Math.ceil((units - here) / room)
  const first = here > 0 ? now : isSpent ? next : opens_at
  return {
    pool: window.pool,
    ...{ units, room, windows, blocked_until, limit: window.limit },
    left: blocked_until === null ? here : 0,
    starts_at: latest([first, ...(blocked_until ? [blocked_until] : [])]),
    ends_at:
      windows === 0 ? (blocked_until ?? now) : new Date(next.getTime() + (windows - 1) * period_s * 1_000),
  }
}

/** Units of each pool that the calls take, with its window. */
export function unitsOf(counted: readonly Counted[]): Map<string, { window: QuotaWindow; units: number }> {
  const units = new Map<string, { window: QuotaWindow; units: number }>()
  for (const { calls, units: each, windows } of counted) {
    for (const window of windows)
      units.set(window.pool, { window, units: (units.get(window.pool)?.units ?? 0) + calls * each })
  }
  return units
}

export const latest = (times: readonly Date[]): Date =>
  new Date(Math.max(...times.map((time) => time.getTime())))
