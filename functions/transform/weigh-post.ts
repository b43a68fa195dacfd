import type { KnownPost } from '#shared/db/tables/posts.ts'
import type { DetailFields, ListingFields, PostMetrics, PostRecord } from '#shared/model/post.ts'
import type { Outcome } from './counts.ts'
import { type Hashes, hashesOf } from './hashes.ts'
import { after, type Latest, latestOf, metricsOf, nothingKnown, withContent } from './latest.ts'
import { isNews } from './metrics.ts'
import { inOrder } from './order.ts'
import type { Sighting } from './read.ts'

type Detail = Extract<PostRecord, { group: 'detail' }>

/** Where the fields of a post come from. */
interface Origin {
  readonly raw_page_id: string
  readonly account_id: string
}

/** What the sightings of one post in a batch come to. */
export interface WeighedPost {
  readonly native_id: string
  readonly outcomes: readonly { readonly pageId: string; readonly outcome: Outcome }[]
  /** null: everything was older than what is on record. */
  readonly latest: Latest | null
  /** Fields to write; `full` when they include those of a detailed answer. null: nothing changed. */
  readonly fields:
    | { readonly full: true; readonly columns: Origin & ListingFields & DetailFields }
    | { readonly full: false; readonly columns: Origin & ListingFields }
    | null
  /** The detailed answer whose media, tags and mentions replace the old ones. */
  readonly detail: Sighting<Detail> | null
  readonly history: readonly (PostMetrics & { observed_at: Date })[]
  readonly late: readonly (PostMetrics & { observed_at: Date })[]
}

const none: ReadonlySet<string> = new Set()

/** What decides beside times. */
interface Circumstances {
  /** When the answer was given that the fields on record come from; null: not asked, or not known. */
  readonly contentAt?: Date | null
  /** Pages that lose a tie: another page of the same moment was stored after them, but transformed before. */
  readonly overtaken?: ReadonlySet<string>
}

const isCurrent = ({ page }: Sighting<PostRecord>, latest: Latest, overtaken: ReadonlySet<string>): boolean =>
  page.fetched_at > latest.observed_at ||
  (page.fetched_at.getTime() === latest.observed_at.getTime() && !overtaken.has(page.id))

/**
 * Weighs the sightings of one post, in order of time, against what is on record. An older answer never overwrites a
 * newer one, and the fields of a group are written only when their hash differs. A page that is replayed writes its
 * fields again unless those on record are of a later one. Pure.
 */
export function weighPost(
  native_id: string,
  unsorted: readonly Sighting<PostRecord>[],
  known: KnownPost | undefined,
  { contentAt = null, overtaken = none }: Circumstances = {},
): WeighedPost {
  const { sightings, superseded } = inOrder(
    unsorted,
    (later, earlier) => later.group === earlier.group || later.group === 'detail',
  )
  const latest = known ? latestOf(known) : nothingKnown
  const current = sightings.filter((sighting) => isCurrent(sighting, latest, overtaken))
  const restated = sightings.filter((sighting) => isRestated(sighting, current, contentAt))
  const found = weighInOrder(restated, current, latest)
  return {
    native_id,
    outcomes: [
      ...superseded.map(({ page }) => ({ pageId: page.id, outcome: 'duplicate' as const })),
      ...sightings.map((sighting) => ({
        pageId: sighting.page.id,
        outcome: outcomeOf(sighting, current, found.wrote),
      })),
    ],
    latest: current.length + restated.length > 0 ? found.latest : null,
    fields: fieldsOf(found.listing, found.detail),
    detail: found.detail,
    history: found.history,
    late: sightings
      .filter((sighting) => sighting.page.is_replay || !current.includes(sighting))
      .filter(({ page }) => !overtaken.has(page.id))
      .flatMap(({ record, page }) =>
        record.group === 'listing' ? [] : [{ ...record.metrics, observed_at: page.fetched_at }],
      ),
  }
}

interface Weighed {
  latest: Latest
  listing: Sighting<PostRecord> | null
  detail: Sighting<Detail> | null
  readonly history: (PostMetrics & { observed_at: Date })[]
  /** Sightings that changed something. */
  readonly wrote: Set<Sighting<PostRecord>>
}

/** The newest sighting decides on each group of fields; restated ones are older than all others. */
function weighInOrder(
  restated: readonly Sighting<PostRecord>[],
  current: readonly Sighting<PostRecord>[],
  known: Latest,
): Weighed {
  const so: Weighed = { latest: known, listing: null, detail: null, history: [], wrote: new Set() }
  for (const sighting of restated) {
    const hashes = takeContent(so, sighting)
    so.latest = withContent(so.latest, sighting, hashes)
  }
  for (const sighting of current) {
    const hashes = takeContent(so, sighting)
    const numbers = newNumbers(sighting, so.latest)
    if (numbers) so.history.push(numbers)
    if (numbers) so.wrote.add(sighting)
    so.latest = after(so.latest, sighting, hashes, so.history.at(-1)?.observed_at)
  }
  for (const source of [so.listing, so.detail]) if (source) so.wrote.add(source)
  return so
}

/** Takes the fields of a sighting when they are new. */
function takeContent(so: Weighed, sighting: Sighting<PostRecord>): Hashes {
  const hashes = hashesOf(sighting.record)
  if (isAnew(sighting, hashes.listing, so.latest.listing_hash)) so.listing = sighting
  if (isDetail(sighting) && isAnew(sighting, hashes.detail, so.latest.detail_hash)) so.detail = sighting
  return hashes
}

const isAnew = ({ page }: Sighting<PostRecord>, hash: string | undefined, known: string | null): boolean =>
  hash !== undefined && (page.is_replay || hash !== known)

/** The row to append to the history. null: nothing is new, or it is a replay, whose numbers go to `late`. */
function newNumbers(
  { record, page }: Sighting<PostRecord>,
  latest: Latest,
): WeighedPost['history'][number] | null {
  if (record.group === 'listing' || page.is_replay) return null
  const known = { metrics: metricsOf(latest), metrics_at: latest.metrics_at }
  return isNews(record.metrics, page.fetched_at, known)
    ? { ...record.metrics, observed_at: page.fetched_at }
    : null
}

/** Older than what was seen since, but not than what the fields on record come from. */
const isRestated = (
  sighting: Sighting<PostRecord>,
  current: readonly Sighting<PostRecord>[],
  contentAt: Date | null,
): boolean =>
  sighting.page.is_replay &&
  sighting.record.group !== 'stats' &&
  !current.includes(sighting) &&
  contentAt !== null &&
  sighting.page.fetched_at >= contentAt

function outcomeOf(
  sighting: Sighting<PostRecord>,
  current: readonly Sighting<PostRecord>[],
  wrote: ReadonlySet<Sighting<PostRecord>>,
): Outcome {
  if (wrote.has(sighting)) return 'normalised'
  if (!current.includes(sighting)) return 'stale'
  return sighting === current.at(-1) ? 'unchanged' : 'duplicate'
}

/** Listing fields of the newest answer that has them, detailed ones of the newest detailed answer. */
function fieldsOf(
  listing: Sighting<PostRecord> | null,
  detail: Sighting<Detail> | null,
): WeighedPost['fields'] {
  const newest = listing && listing.record.group !== 'stats' ? listing.record.listing : detail?.record.listing
  const source = detail ?? listing
  if (!newest || !source) return null
  const origin = { raw_page_id: source.page.id, account_id: source.page.account_id }
  const columns = { ...newest, ...origin }
  return detail ? { full: true, columns: { ...detail.record.detail, ...columns } } : { full: false, columns }
}

function isDetail(sighting: Sighting<PostRecord>): sighting is Sighting<Detail> {
  return sighting.record.group === 'detail'
}
