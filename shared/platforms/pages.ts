import { CursorRefused, TerminalError, UnknownRefusal } from '../errors.ts'
import type { Cursor, TaskMode } from '../model/sync.ts'
import type { Listing } from './platform.ts'

/** What the walk of one task aims at. */
export interface WalkGoal {
  readonly mode: TaskMode
  /** Newest publication time of the last whole walk; null before the first. */
  readonly watermark: Date | null
  readonly lookBackMs: number
  /** When the walk is made: what is dated later does not show how far it came. */
  readonly now: Date
}

/** Walks of one task: a list whose places are always refused would be started again for ever. */
const mostWalks = 5

/**
 * The one paging loop of all platforms: asks page after page and yields each with the cursor that is right once the
 * page is kept. `at` returns the committed cursor, so the consumer keeps a page before it asks for the next. A refused
 * position begins a new walk, at most five walks per task. Ends when the listing has ended.
 */
export async function* pages(
  ask: (cursor: Cursor) => Promise<Listing>,
  at: () => Cursor,
  cap: number,
  goal: WalkGoal,
): AsyncGenerator<{ readonly listing: Listing; readonly cursor: Cursor }, void> {
  while (at().ended === null) {
    let cursor = at()
    let listing: Listing
    try {
      listing = await askForward(ask, cursor)
    } catch (error) {
      if (cursor.position === null || !isOfPlace(error)) throw error
      if (cursor.walk >= mostWalks) {
        throw new TerminalError('its place in the list is refused again and again', {
          reason: 'cursor',
          cause: error,
        })
      }
      cursor = restarted(cursor)
      listing = await askForward(ask, cursor)
    }
    yield { listing, cursor: advanced(cursor, listing, cap, goal) }
  }
}

/** The same call without a place was accepted, so a refusal is about the place, whatever its code. */
const isOfPlace = (error: unknown): boolean =>
  error instanceof CursorRefused ||
  error instanceof UnknownRefusal ||
  (error instanceof TerminalError && error.reason === 'bug')

/** A page; one that leads back to a place shown before has no end, and is refused like a place that is not known. */
async function askForward(ask: (cursor: Cursor) => Promise<Listing>, cursor: Cursor): Promise<Listing> {
  const listing = await ask({ ...cursor, position: openPlace(cursor.position) })
  if (listing.next !== null && sealPlace(listing.next) === cursor.anchor)
    throw new CursorRefused('the list leads back to a place it has shown', { reason: 'cursor' })
  return listing
}

/** Moved after 1, 2, 4, 8 … pages, a single place finds out a circle of any length. */
const anchorAfter = (page_no: number, { next }: Listing, { anchor }: Cursor) =>
  Number.isInteger(Math.log2(page_no)) ? sealPlace(next) : anchor

/** A platform may use any characters in its places; the database cannot hold all. */
const isUnstorable = (place: string) => place.includes('\u0000') || !place.isWellFormed()
const sealed = 'json:'

/** A place as the cursor keeps it, whatever characters it has. */
const sealPlace = (place: string | null): string | null =>
  place !== null && (isUnstorable(place) || place.startsWith(sealed)) ? sealed + JSON.stringify(place) : place

/** The place as the platform gave it. */
const openPlace = (kept: string | null): string | null =>
  kept?.startsWith(sealed) ? (JSON.parse(kept.slice(sealed.length)) as string) : kept

/** A new walk from page 1; what was listed but not looked up stays to be looked up. */
function restarted(cursor: Cursor): Cursor {
  return {
    ...cursor,
    walk: cursor.walk + 1,
    page_no: 0,
    lookups: 0,
    listed: 0,
    position: null,
    anchor: null,
    ended: null,
    unbroken: true,
  }
}

/** A post may be dated a little ahead of our clock, and no more. */
const mostAheadMs = 86_400_000

/** The cursor after a page of the listing. Pure. */
export function advanced(cursor: Cursor, listing: Listing, cap: number, goal: WalkGoal): Cursor {
  const page_no = cursor.page_no + 1
  const latest = goal.now.getTime() + mostAheadMs
  const times = listing.items.flatMap(({ published_at: at }) =>
    at && at.getTime() <= latest ? [at.toISOString()] : [],
  )
  const newest = [...times, ...(cursor.newest ? [cursor.newest] : [])].sort().at(-1) ?? null
  const listed = cursor.listed + listing.items.length
  return {
    ...cursor,
    page_no,
    listed,
    position: sealPlace(listing.next),
    anchor: anchorAfter(page_no, listing, cursor),
    ended: endOf(listing, { ...cursor, page_no, listed }, cap, goal),
    pending: [...new Set([...cursor.pending, ...listing.lookup])],
    newest,
  }
}

/** Posts published before this time are not walked to; null: all are. */
function oldestWanted({ until }: Cursor, { mode, watermark, lookBackMs, now }: WalkGoal): number | null {
  if (until !== null) return Date.parse(until)
  if (mode === 'full' || watermark === null) return null
  // One that was raised into the future by a wrong date is none.
  return watermark.getTime() > now.getTime() + mostAheadMs ? null : watermark.getTime() - lookBackMs
}

/**
 * Never stops at the first known post: lists are only nearly sorted (YouTube Data API, as recorded). A list that ends near its
 * cap, or with far fewer posts than were promised, has an end of another kind than a list that was walked whole.
 */
function endOf(listing: Listing, after: Cursor, cap: number, goal: WalkGoal): Cursor['ended'] {
  if (isCapped(listing, after, cap)) return 'cap'
  // A list of nothing is believed only where the profile, too, counts nothing.
  if (listing.next === null && after.listed === 0) return after.expected === 0 ? 'platform' : 'short'
  if (listing.next === null) return isShort(after) ? 'short' : 'platform'
  const oldest = oldestWanted(after, goal)
  if (listing.is_enough && goal.mode !== 'full') return 'look-back'
  return oldest !== null && isBackTo(listing, oldest) ? 'look-back' : null
}

/**
 * At its cap, near which a list ends by itself, or far beyond what the profile counts: a list that goes on for ever is not
 * paid for to its cap. Pages may be short, or empty, so they are counted too; counts of profiles lag behind; a list that
 * is walked through windows of time may have many that are empty.
 */
function isCapped({ next, back_to }: Listing, { listed, page_no, expected }: Cursor, cap: number): boolean {
  const reached = Math.max(listed, page_no)
  if (next === null) return reached >= 0.95 * cap
  if (reached >= cap) return true
  if (expected === null) return false
  return listed > 2 * expected + 500 || (back_to === undefined && page_no > expected / 5 + 50)
}

/** What lies below the floor of a walk is counted by the profile and not listed. */
const isShort = ({ listed, expected, floor }: Cursor): boolean =>
  floor === null && listed < (expected ?? 0) / 2

/** Whether no post of that time or later can be on a later page. */
function isBackTo({ items, back_to }: Listing, oldest: number): boolean {
  if (back_to) return back_to.getTime() <= oldest
  return (
    items.length > 0 &&
    items.every(({ published_at }) => published_at !== null && published_at.getTime() < oldest)
  )
}
