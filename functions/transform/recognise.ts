import { hash } from 'node:crypto'
import type { Queryable } from '#shared/db/pool.ts'
import { type KnownPostSeen, recognisePosts, type SeenPost } from '#shared/db/tables/known-posts.ts'
import type { ClaimedPage } from '#shared/db/tables/raw-pages.ts'
import type { Platform } from '#shared/model/account.ts'
import type { PostMetrics } from '#shared/model/post.ts'
import { platformOf } from '#shared/platforms/index.ts'
import { type Slices, slice } from '#shared/platforms/slices.ts'
import { type KnownSighting, type ReadBody, type ReadPage, type Recognised, read } from './read.ts'

interface Sliced extends Omit<KnownSighting, 'post_id'> {
  /** Its place in the answer. */
  readonly place: number
}

interface SlicedPage {
  readonly page: ClaimedPage
  readonly slices: Slices
  readonly found: readonly Sliced[]
}

/** Reads pages with all that they hold. */
export const readWhole = (pages: readonly ClaimedPage[], readBody: ReadBody): ReadPage[] =>
  pages.map((page) => read(page, readBody))

/**
 * Reads pages but for posts of which they say nothing new but numbers: these are recognised by the hash of all else, and
 * neither read nor weighed. A replay reads everything.
 * @param version of the rules by which answers are read: what other rules have read is read again
 */
export async function readNews(
  db: Queryable,
  pages: readonly ClaimedPage[],
  readBody: ReadBody,
  version: number,
): Promise<ReadPage[]> {
  const recognised = await recognise(db, pages, version)
  const news = pages.map((page) => read(page, readBody, recognised.get(page.id)))
  return isDoubtful(news) ? readWhole(pages, readBody) : news
}

/** What is to be read of each page, by its id; of a page left out, all of it. */
async function recognise(
  db: Queryable,
  pages: readonly ClaimedPage[],
  version: number,
): Promise<Map<string, Recognised>> {
  const sliced = pages.flatMap((page) => slicedPage(page, version))
  const [first] = sliced
  if (!first) return new Map()
  const found = sliced.flatMap((page) => page.found)
  const known = await knownOf(db, first.page.platform, found)
  return new Map(
    sliced.map(({ page, slices, found }): [string, Recognised] => {
      const here = found.flatMap((one) => {
        const post_id = known.get(one.native_id)
        return post_id === undefined ? [] : [{ ...one, post_id }]
      })
      const body = here.length > 0 ? slices.without(new Set(here.map(({ place }) => place))) : page.body
      return [
        page.id,
        { body, known: here, rawOf: new Map(found.map(({ native_id, raw }) => [native_id, raw])) },
      ]
    }),
  )
}

function slicedPage(page: ClaimedPage, version: number): SlicedPage[] {
  const rule = platformOf(page.platform).slices?.[page.endpoint]
  const slices = rule && !page.is_replay && page.body !== null ? slice(page.body, rule) : undefined
  if (!rule || !slices) return []
  const { group } = rule
  const found = slices.items.flatMap((one, place): Sliced[] => {
    if (!one) return []
    const { native_id, metrics, content } = one
    return [{ page, native_id, metrics, group, place, raw: rawHash(page.endpoint, version, content) }]
  })
  return [{ page, slices, found }]
}

/** The first 16 bytes of SHA-256, in hexadecimal. */
const rawHash = (endpoint: string, version: number, content: string): string =>
  hash('sha256', `${endpoint}|${version}|${content}`).slice(0, 32)

/** Posts whose every sighting says what is on record, and is newer than what was seen of them; by native id. */
async function knownOf(
  db: Queryable,
  platform: Platform,
  found: readonly Sliced[],
): Promise<Map<string, string>> {
  const seen = [...Map.groupBy(found, ({ native_id }) => native_id).values()].flatMap(seenAs)
  const ids = await recognisePosts(db, platform, seen)
  return new Map(
    seen.flatMap(({ native_id }, place) => {
      const id = ids[place]
      return id ? [[native_id, id] as const] : []
    }),
  )
}

type Sighted = Omit<KnownSighting, 'post_id'>

/** The sightings of one post as one; none where a group is seen twice, or accounts differ. */
function seenAs(sightings: readonly Sighted[]): SeenPost[] {
  const [first] = sightings
  const [listings, details] = [ofGroup(sightings, 'listing'), ofGroup(sightings, 'detail')]
  if (!first || listings.length > 1 || details.length > 1) return []
  const { native_id, page } = first
  if (sightings.some((one) => one.page.account_id !== page.account_id)) return []
  const hashes = { listing_raw: listings[0]?.raw ?? null, detail_raw: details[0]?.raw ?? null }
  return [
    {
      native_id,
      account_id: page.account_id,
      first_at: new Date(Math.min(...timesOf(sightings))),
      ...hashes,
    },
  ]
}

const ofGroup = (sightings: readonly Sighted[], group: Sighted['group']) =>
  sightings.filter((one) => one.group === group)

const timesOf = (sightings: readonly Sighted[]): number[] =>
  sightings.map(({ page }) => page.fetched_at.getTime())

/** Whether reading showed that a page holds more of a post than what was recognised, or a record that is refused. */
function isDoubtful(pages: readonly ReadPage[]): boolean {
  const known = new Set(pages.flatMap((page) => page.known.map(({ native_id }) => native_id)))
  if (known.size === 0) return false
  return pages.some(
    ({ refused, posts }) => refused.length > 0 || posts.some(({ record }) => known.has(record.native_id)),
  )
}

const noNumbers: PostMetrics = { views: null, likes: null, comments: null, shares: null, saves: null }

/** The sightings of each post that was recognised as one, with its numbers. */
export function seenOnce(sightings: readonly KnownSighting[]): KnownPostSeen[] {
  return [...Map.groupBy(sightings, ({ post_id }) => post_id)].flatMap(([post_id, ofOne]) => {
    const [detail] = ofGroup(ofOne, 'detail')
    const numbers = detail?.metrics ?? noNumbers
    const last_at = new Date(Math.max(...timesOf(ofOne)))
    const numbers_at = detail?.metrics ? detail.page.fetched_at : null
    return seenAs(ofOne).map((seen) => ({ ...seen, ...numbers, post_id, last_at, numbers_at }))
  })
}
