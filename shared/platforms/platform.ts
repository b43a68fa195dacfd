import { CursorRefused, TerminalError } from '../errors.ts'
import type { Platform, Subject } from '../model/account.ts'
import type { PostRecord } from '../model/post.ts'
import type { ProfileRecord } from '../model/profile.ts'
import type { QuotaNeed } from '../model/quota.ts'
import type { Cursor, TaskMode } from '../model/sync.ts'

/** One raw answer. `body` is the text as it came, scrubbed of keys. */
interface Answer extends Told {
  readonly body: string
}

/** What any answer tells beside its content. */
export interface Told {
  /** performance.now() when it had arrived. */
  readonly answeredAt: number
  /** What the platform itself counts as used of our pools, where its headers tell. */
  readonly usage?: readonly PoolUsage[]
}

/** Units used of the window that is open, as the platform counts; never below what we reserved ourselves. */
export interface PoolUsage {
  readonly pool: string
  readonly used: number
}

/** One answer that lists posts. */
export interface Listing extends Answer {
  readonly items: readonly { readonly id: string; readonly published_at: Date | null }[]
  /** Ids that need a lookup; empty where the listing tells everything. */
  readonly lookup: readonly string[]
  readonly next: string | null
}

/** A call that carries many keys; `partFor` cuts out the answer for some of them, in the same envelope. */
interface LookupAnswer<Key> extends Told {
  partFor(keys: readonly Key[]): LookupPart
}
export interface LookupPart {
  readonly body: string
  /** How many of the keys the answer knows. */
  readonly found: number
  /** The platform's reference to the list of posts, where the answer names one. */
  readonly list_ref: string | null
  /** Posts the account has, as the platform counts them. null: not told. */
  readonly posts: number | null
  /** Ids that the answer says nothing of: neither found nor missing. */
  readonly unanswered: readonly string[]
  /** The first page of posts, where the same answer holds it. null: the list is asked for by calls of its own. */
  readonly listing: Listing | null
}
export interface Lookup<Key> {
  readonly endpoint: string
  need(keys: readonly Key[]): QuotaNeed
  /** Keys one call carries. */
  readonly size: number
  /** Cuts items into calls of that size; keys that cannot share a call get calls of their own. */
  batches<Item>(items: readonly Item[], keyOf: (item: Item) => Key): Item[][]
  ask(keys: readonly Key[]): Promise<LookupAnswer<Key>>
}

/** A post asked about by its id, and the account by whose right. */
export interface AskedPost {
  readonly id: string
  readonly subject: Subject
}

/** One record of an answer: understood, or refused with its place and faults. */
export type ReadRecord<T> =
  | { readonly ok: true; readonly record: T }
  | {
      readonly ok: false
      readonly path: string
      readonly cause: string
      readonly issues: unknown
      readonly raw: unknown
    }

export interface PageRecords {
  readonly profiles: readonly ReadRecord<ProfileRecord>[]
  readonly posts: readonly ReadRecord<PostRecord>[]
  /** The platform says that the account asked about is not there. */
  readonly accountMissing: boolean
}

/**
 * All that is particular to a platform. Errors thrown are verdicts (see errors.ts). `read` is pure, so that it can be
 * run again over old bodies; it throws a TerminalError when the whole answer is unreadable.
 */
export interface Connector {
  readonly platform: Platform
  /** Finds the account and its list; asked once per claim for many accounts where the platform can. */
  readonly profiles: Lookup<Subject>
  /** The walk over the posts, one call a page. */
  readonly list: {
    readonly endpoint: string
    need(subject: Subject): QuotaNeed
    /** Posts after which the platform or we stop. */
    readonly cap: number
    ask(subject: Subject, cursor: Cursor): Promise<Listing>
  }
  /** Asked about ids that a listing names without telling all; null where listings tell everything. */
  readonly posts: Lookup<AskedPost> | null
  /** Asked for the numbers of known posts; null where posts cannot be asked about by id, and lists are walked instead. */
  readonly refresh: Lookup<AskedPost> | null
  read(endpoint: string, body: string): PageRecords
}

/** What the walk of one task aims at. */
export interface WalkGoal {
  readonly mode: TaskMode
  /** Newest publication time of the last whole walk; null before the first. */
  readonly watermark: Date | null
  readonly lookBackMs: number
}

/** Walks of one task: a list whose places are always refused would be begun anew for ever. */
const mostWalks = 5

/**
 * The one paging loop of all platforms: asks page after page and yields each with the cursor that is right once the
 * page is kept. `at` tells the committed cursor, so the consumer keeps a page before it asks for the next. A refused
 * position begins a new walk, once. Ends when the listing has ended.
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
      listing = await ask(cursor)
    } catch (error) {
      if (!(error instanceof CursorRefused) || cursor.position === null) throw error
      if (cursor.walk >= mostWalks) {
        throw new TerminalError('its place in the list is refused again and again', {
          reason: 'cursor',
          cause: error,
        })
      }
      cursor = restarted(cursor)
      listing = await ask(cursor)
    }
    yield { listing, cursor: advanced(cursor, listing, cap, goal) }
  }
}

/** A new walk from page 1; what was listed but not looked up stays to be looked up. */
function restarted(cursor: Cursor): Cursor {
  return {
    ...cursor,
    walk: cursor.walk + 1,
    page_no: 0,
    lookups: 0,
    listed: 0,
    position: null,
    ended: null,
    unbroken: true,
  }
}

/** The cursor after a page of the listing. Pure. */
export function advanced(cursor: Cursor, listing: Listing, cap: number, goal: WalkGoal): Cursor {
  const page_no = cursor.page_no + 1
  const times = listing.items.flatMap((item) => (item.published_at ? [item.published_at.toISOString()] : []))
  const newest = [...times, ...(cursor.newest ? [cursor.newest] : [])].sort().at(-1) ?? null
  const listed = cursor.listed + listing.items.length
  return {
    ...cursor,
    page_no,
    listed,
    position: listing.next,
    ended: endOf(listing, { ...cursor, page_no, listed }, cap, goal),
    pending: [...new Set([...cursor.pending, ...listing.lookup])],
    newest,
  }
}

/** Posts published before this time are not walked to; null: all are. */
function oldestWanted({ until }: Cursor, { mode, watermark, lookBackMs }: WalkGoal): number | null {
  if (until !== null) return Date.parse(until)
  return mode === 'full' || watermark === null ? null : watermark.getTime() - lookBackMs
}

/**
 * Never stops at the first known post: lists are only nearly sorted (platform-apis 1.4, 5). A list that ends near its
 * cap, or with far fewer posts than were promised, has an end of another kind than a list that was walked whole.
 */
function endOf(listing: Listing, after: Cursor, cap: number, goal: WalkGoal): Cursor['ended'] {
  // Pages may be short, or empty; a list of more pages than it may have posts has no end.
  const reached = Math.max(after.listed, after.page_no)
  if (reached >= cap || (listing.next === null && reached >= 0.95 * cap)) return 'cap'
  // A list of nothing is believed only where the profile, too, counts nothing.
  if (listing.next === null && after.listed === 0) return after.expected === 0 ? 'platform' : 'short'
  if (listing.next === null) return after.listed < (after.expected ?? 0) / 2 ? 'short' : 'platform'
  const oldest = oldestWanted(after, goal)
  if (oldest === null || listing.items.length === 0) return null
  const allOld = listing.items.every(
    (item) => item.published_at !== null && item.published_at.getTime() < oldest,
  )
  return allOld ? 'look-back' : null
}
