import { hash as sha256 } from 'node:crypto'
import type { KnownPost } from '#shared/db/posts.ts'
import type { DetailFields, ListingFields, PostMetrics, PostRecord } from '#shared/model/post.ts'
import type { Outcome } from './counts.ts'
import { isNews } from './metrics.ts'
import type { Sighting } from './read.ts'

type Detail = Extract<PostRecord, { group: 'detail' }>

/** The row of post_latest. */
interface Latest extends PostMetrics {
  readonly observed_at: Date
  readonly listing_hash: string | null
  readonly detail_hash: string | null
  readonly metrics_at: Date | null
}

/** What the sightings of one post in a batch come to. */
export interface WeighedPost {
  readonly native_id: string
  readonly outcomes: readonly { readonly pageId: string; readonly outcome: Outcome }[]
  /** null: everything was older than what is on record. */
  readonly latest: Latest | null
  /** Fields to write; `full` when they include those of a detailed answer. null: nothing changed. */
  readonly fields: {
    readonly full: boolean
    readonly columns: (ListingFields & Partial<DetailFields>) & { raw_page_id: string; account_id: string }
  } | null
  /** The detailed answer whose media, tags and mentions replace the old ones. */
  readonly detail: Sighting<Detail> | null
  readonly history: readonly (PostMetrics & { observed_at: Date })[]
  readonly late: readonly (PostMetrics & { observed_at: Date })[]
}

const noMetrics: PostMetrics = { views: null, likes: null, comments: null, shares: null, saves: null }
const nothingKnown: Latest = {
  ...noMetrics,
  observed_at: new Date(-8.64e15),
  listing_hash: null,
  detail_hash: null,
  metrics_at: null,
}

/**
 * Weighs the sightings of one post, in order of time, against what is on record. An older answer never overwrites a
 * newer one, and the fields of a group are written only when their hash differs. Pure.
 */
export function weighPost(
  native_id: string,
  unsorted: readonly Sighting<PostRecord>[],
  known: KnownPost | undefined,
): WeighedPost {
  const sightings = unsorted.toSorted((a, b) => a.page.fetched_at.getTime() - b.page.fetched_at.getTime())
  const state = { latest: known ? latestOf(known) : nothingKnown }
  const current = sightings.filter(({ page }) => page.fetched_at >= state.latest.observed_at)
  const history: (PostMetrics & { observed_at: Date })[] = []
  const wrote = new Set<Sighting<PostRecord>>()
  let listing: Sighting<PostRecord> | null = null
  let detail: Sighting<Detail> | null = null
  for (const sighting of current) {
    const { record, page } = sighting
    const hashes = hashesOf(record)
    if (hashes.listing !== undefined && hashes.listing !== state.latest.listing_hash) listing = sighting
    if (isDetail(sighting) && hashes.detail !== state.latest.detail_hash) detail = sighting
    if (
      record.group !== 'listing' &&
      isNews(record.metrics, page.fetched_at, {
        metrics: metricsOf(state.latest),
        metrics_at: state.latest.metrics_at,
      })
    ) {
      history.push({ ...record.metrics, observed_at: page.fetched_at })
      wrote.add(sighting)
    }
    state.latest = after(state.latest, sighting, hashes, history.at(-1)?.observed_at)
  }
  if (listing) wrote.add(listing)
  if (detail) wrote.add(detail)
  return {
    native_id,
    outcomes: sightings.map((sighting) => ({
      pageId: sighting.page.id,
      outcome: outcomeOf(sighting, current, wrote),
    })),
    latest: current.length > 0 ? state.latest : null,
    fields: fieldsOf(listing, detail),
    detail,
    history,
    late: sightings
      .filter((sighting) => !current.includes(sighting))
      .flatMap(({ record, page }) =>
        record.group === 'listing' ? [] : [{ ...record.metrics, observed_at: page.fetched_at }],
      ),
  }
}

function outcomeOf(
  sighting: Sighting<PostRecord>,
  current: readonly Sighting<PostRecord>[],
  wrote: ReadonlySet<Sighting<PostRecord>>,
): Outcome {
  if (!current.includes(sighting)) return 'stale'
  if (wrote.has(sighting)) return 'normalised'
  return sighting === current.at(-1) ? 'unchanged' : 'duplicate'
}

function after(
  latest: Latest,
  { record, page }: Sighting<PostRecord>,
  hashes: Hashes,
  historyAt: Date | undefined,
): Latest {
  return {
    ...latest,
    ...(record.group === 'listing' ? {} : record.metrics),
    observed_at: page.fetched_at,
    listing_hash: hashes.listing ?? latest.listing_hash,
    detail_hash: hashes.detail ?? latest.detail_hash,
    metrics_at: historyAt ?? latest.metrics_at,
  }
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
  return { full: detail !== null, columns: { ...detail?.record.detail, ...newest, ...origin } }
}

interface Hashes {
  readonly listing: string | undefined
  readonly detail: string | undefined
}

function hashesOf(record: PostRecord): Hashes {
  if (record.group === 'stats') return { listing: undefined, detail: undefined }
  const listing = hash(record.listing)
  if (record.group === 'listing') return { listing, detail: undefined }
  const media = record.media.map(({ url, url_expires_at, ...medium }) => medium)
  return { listing, detail: hash([listing, record.detail, media]) }
}

/** Equal means equal content; the first 128 bits of SHA-256 are plenty for that. */
export function hash(value: unknown): string {
  return sha256('sha256', JSON.stringify(value), 'base64url').slice(0, 22)
}

const metricsOf = ({ views, likes, comments, shares, saves }: PostMetrics): PostMetrics => ({
  views,
  likes,
  comments,
  shares,
  saves,
})

function latestOf(known: KnownPost): Latest {
  const { observed_at, listing_hash, detail_hash, metrics_at } = known
  return { ...metricsOf(known), observed_at, listing_hash, detail_hash, metrics_at }
}

function isDetail(sighting: Sighting<PostRecord>): sighting is Sighting<Detail> {
  return sighting.record.group === 'detail'
}
