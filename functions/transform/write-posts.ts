import type { Queryable, Transaction } from '#shared/db/pool.ts'
import { type Caption, noteCaptions } from '#shared/db/tables/found-brands.ts'
import { wantCopies } from '#shared/db/tables/media-copies.ts'
import { noteAppearances } from '#shared/db/tables/post-appearances.ts'
import { freshenLinks, type SeenLink } from '#shared/db/tables/post-children.ts'
import { markPresent } from '#shared/db/tables/post-status.ts'
import * as posts from '#shared/db/tables/posts.ts'
import { pagesOvertaken } from '#shared/db/tables/raw-pages.ts'
import type { Planning } from '#shared/ml/rules.ts'
import type { Platform } from '#shared/model/account.ts'
import type { PostRecord } from '#shared/model/post.ts'
import { platformOf } from '#shared/platforms/index.ts'
import type { Tally } from './counts.ts'
import { type Looking, openLooking, withTextKey } from './plan-ml.ts'
import type { Sighting } from './read.ts'
import { type WeighedPost, weighPost } from './weigh-post.ts'
import { planMl, writeChildren } from './write-children.ts'
import { writeNumbers } from './write-numbers.ts'

/** A post weighed and its row. */
interface Row {
  readonly id: string
  /** Of a new one: the key of its text. */
  readonly text_key?: string | null
  readonly isNew: boolean
  /** Accounts beside its owner whose answers show it. */
  readonly shownBy: readonly string[]
  readonly weighed: WeighedPost
}

/**
 * Writes the posts of a batch: the newest-seen rows of those on record are locked, in post order, and only under that
 * lock is decided what changes; those never seen are written by COPY in key order. When another transaction writes one of
 * them at this moment, this one begins again, so that locks are always taken in one order. One statement per table.
 * Returns for how many posts ML jobs were planned.
 */
export async function writePosts(
  tx: Transaction,
  platform: Platform,
  sightings: readonly Sighting<PostRecord>[],
  planning: Planning | null,
  tally: Tally,
): Promise<number> {
  if (sightings.length === 0) return 0
  const looking = planning && (await openLooking(tx, planning, platform, sightings))
  const seen = Map.groupBy(sightings, ({ record }) => record.native_id)
  const rows = await weighAll(tx, platform, seen, looking)
  for (const { weighed } of rows)
    for (const { pageId, outcome } of weighed.outcomes) tally.add(pageId, outcome)
  const texts = await writeContent(tx, rows, looking)
  await noteCaptions(tx, rows.flatMap(captionOf))
  await noteAppearances(
    tx,
    rows.flatMap(({ id, shownBy }) => shownBy.map((account_id) => ({ post_id: id, account_id }))),
  )
  await writeNumbers(tx, rows)
  const rewritten = rows.flatMap(({ id, isNew, weighed }) =>
    weighed.detail ? [{ id, isNew, detail: weighed.detail }] : [],
  )
  if (looking) await freshenLinks(tx, linksSeen(rows, seen))
  const pictures = await writeChildren(tx, platform, rewritten, looking)
  if (looking?.isCopied && platformOf(platform).pictureRule.isCopied)
    await wantCopies(
      tx,
      pictures.flatMap(({ content_key, isLasting }) => (isLasting ? [] : [{ content_key, platform }])),
    )
  return planMl(tx, texts, pictures, pagesOf(rows, sightings))
}

/** What is written of a post's title and body; nothing when they stay. */
function captionOf({ id, isNew, weighed: { fields } }: Row): Caption[] {
  if (!fields) return []
  const { title, body } = fields.columns
  return [{ post_id: id, title, body, isNew }]
}

/** Links in the newest details of posts on record that are not rewritten. */
const linksSeen = (rows: readonly Row[], seen: ReadonlyMap<string, Sighting<PostRecord>[]>): SeenLink[] =>
  rows.flatMap(({ id, isNew, weighed }) => {
    if (isNew || weighed.detail || !weighed.latest) return []
    const newest = seen
      .get(weighed.native_id)
      ?.filter(({ record }) => record.group === 'detail')
      .sort((a, b) => a.page.fetched_at.getTime() - b.page.fetched_at.getTime())
      .at(-1)
    if (newest?.record.group !== 'detail') return []
    return newest.record.media.flatMap(({ role, position, url, url_expires_at }) =>
      url && url_expires_at ? [{ post_id: id, role, position, url, url_expires_at }] : [],
    )
  })

/** The page that gave a post its content, and the task of that. */
function pagesOf(rows: readonly Row[], sightings: readonly Sighting<PostRecord>[]) {
  const tasks = new Map(sightings.map(({ page }) => [page.id, page.sync_task_id]))
  return new Map(
    rows.flatMap(({ id, weighed }) => {
      const raw_page_id = weighed.fields?.columns.raw_page_id ?? ''
      const sync_task_id = tasks.get(raw_page_id)
      return sync_task_id === undefined ? [] : [[id, { raw_page_id, sync_task_id }] as const]
    }),
  )
}

async function weighAll(
  tx: Transaction,
  platform: Platform,
  seen: Map<string, Sighting<PostRecord>[]>,
  looking: Looking | null,
): Promise<Row[]> {
  const known = await lockAndWeigh(tx, platform, [...seen.keys()], seen)
  const isKnown = new Set(known.map(({ weighed }) => weighed.native_id))
  const fresh = [...seen].flatMap(([native_id, sightings]) =>
    isKnown.has(native_id) ? [] : [weighPost(native_id, sightings, undefined)],
  )
  const made = fresh.flatMap((weighed) => {
    const { native_id, fields } = weighed
    if (!fields) return []
    // What a list says of a post may lack its language: models look at it once the whole of it is known.
    const row = { native_id, ...withTextKey(fields.columns, fields.full ? looking : null) }
    return [{ row, weighed, shownBy: othersThan(row.account_id, seen.get(native_id)) }]
  })
  const ids = await posts.insertNewPosts(
    tx,
    platform,
    made.map(({ row }) => row),
  )
  return [
    ...known,
    ...made.map(({ row: { text_key }, ...one }, place) => ({
      ...{ id: ids[place] ?? '', text_key, isNew: true },
      ...one,
    })),
  ]
}

/** Posts on record, weighed under their locks. */
async function lockAndWeigh(
  tx: Queryable,
  platform: Platform,
  nativeIds: readonly string[],
  seen: ReadonlyMap<string, Sighting<PostRecord>[]>,
): Promise<Row[]> {
  const known = await posts.lockPosts(tx, platform, nativeIds)
  const isReplay = [...seen.values()].some((sightings) => sightings.some(({ page }) => page.is_replay))
  const contentAt = isReplay ? await posts.contentTimes(tx, known) : new Map<string, Date>()
  const overtaken = await pagesOvertaken(
    tx,
    known.flatMap((post) => tiesWith(post, seen.get(post.native_id))),
  )
  return known.map((post) => {
    const sightings = seen.get(post.native_id)
    const circumstances = { contentAt: contentAt.get(post.id) ?? null, overtaken }
    const weighed = weighPost(post.native_id, sightings ?? [], post, circumstances)
    const shownBy = othersThan(post.account_id, sightings)
    return { id: post.id, isNew: false, shownBy, weighed }
  })
}

/** Pages of the very moment at which a post was seen last. */
const tiesWith = ({ observed_at }: posts.KnownPost, sightings: readonly Sighting<PostRecord>[] = []) =>
  sightings.flatMap(({ page }) =>
    page.fetched_at.getTime() === observed_at.getTime() && !page.is_replay ? [page.id] : [],
  )

const othersThan = (owner: string | undefined, sightings: readonly Sighting<PostRecord>[] = []): string[] => [
  ...new Set(sightings.flatMap(({ page }) => (page.account_id === owner ? [] : [page.account_id]))),
]

/** Returns the posts whose text models look at, as it is now. */
async function writeContent(
  tx: Queryable,
  rows: readonly Row[],
  looking: Looking | null,
): Promise<posts.KeyedPost[]> {
  const changed = rows
    .filter(({ isNew }) => !isNew)
    .map(({ id, weighed }) => ({ id, fields: weighed.fields }))
  const listed = await posts.rewriteListings(
    tx,
    changed.flatMap(({ id, fields }) =>
      fields?.full === false ? [{ ...withTextKey(fields.columns, looking), id }] : [],
    ),
  )
  const detailed = changed.flatMap(({ id, fields }) =>
    fields?.full === true ? [{ ...withTextKey(fields.columns, looking), id }] : [],
  )
  await posts.rewriteDetails(tx, detailed)
  await markPresent(
    tx,
    rows.flatMap(({ id, isNew, weighed: { latest } }) =>
      latest && !isNew ? [{ post_id: id, observed_at: latest.observed_at }] : [],
    ),
  )
  const made = rows.filter(({ isNew }) => isNew)
  return [...made, ...detailed, ...listed].flatMap(({ id, text_key }) => (text_key ? [{ id, text_key }] : []))
}
