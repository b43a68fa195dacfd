import * as z from 'zod'

export const Lane = z.enum(['ad-hoc', 'schedule', 'backfill'])
export type Lane = z.infer<typeof Lane>

export const SyncMode = z.enum(['incremental', 'full'])
export type SyncMode = z.infer<typeof SyncMode>

/** What a task does; `refresh` asks for the numbers of known posts only, and only the schedule makes it. */
export type TaskMode = 'refresh' | SyncMode

export type WalkOutcome = 'whole' | 'partial' | 'failed'

/** Where the walk of a task stands. Written only together with the pages it counts. */
export const Cursor = z.object({
  v: z.literal(1),
  /** +1 at each restart from page 1. */
  walk: z.int().positive(),
  /** Listing pages kept in this walk. */
  page_no: z.int().nonnegative(),
  /** Lookup answers about posts kept in this walk. */
  lookups: z.int().nonnegative(),
  /** Whether the profile was looked up for this task. */
  profile: z.boolean(),
  /** The platform's own reference to the list, for example YouTube's uploads playlist. */
  list_ref: z.string().nullable(),
  /** The platform's own place in the list; null: its beginning. */
  position: z.string().nullable(),
  /** A place shown earlier in this walk, by which a list that leads back to it is found out; null: none yet. */
  anchor: z.string().nullable().default(null),
  /** Posts older than this are not listed: the walk says nothing of them. null: all are. */
  floor: z.iso.datetime().nullable().default(null),
  /** Entries listed in this walk. */
  listed: z.int().nonnegative(),
  /** Posts there should be, as the platform counts them; null: not reported. */
  expected: z.int().nonnegative().nullable(),
  /** Why the listing ended; null: it goes on. short: with far fewer posts than expected. by-id: there is none to walk. */
  ended: z.enum(['platform', 'look-back', 'cap', 'short', 'missing', 'by-id']).nullable(),
  /** Ids listed but not looked up yet. */
  pending: z.array(z.string()),
  /** False once the walk had to wait: its pages are not of one time. */
  unbroken: z.boolean(),
  /** Publication time of the newest post listed. */
  newest: z.iso.datetime().nullable(),
  /** The walk ends when all posts of a page are older than this; null: as its mode says. */
  until: z.iso.datetime().nullable().default(null),
})
export type Cursor = z.infer<typeof Cursor>

/** The cursor of a task that has not begun. */
export const firstCursor: Cursor = {
  v: 1,
  walk: 1,
  page_no: 0,
  lookups: 0,
  profile: false,
  list_ref: null,
  listed: 0,
  expected: null,
  position: null,
  anchor: null,
  floor: null,
  ended: null,
  pending: [],
  unbroken: true,
  newest: null,
  until: null,
}
