import { jobsOfPosts, planJobs, type WantedJob } from '#shared/db/operations/plan-jobs.ts'
import { Conflict, type Queryable } from '#shared/db/pool.ts'
import { appendLatePostMetrics, appendPostMetrics } from '#shared/db/tables/history.ts'
import { noteAppearances } from '#shared/db/tables/post-appearances.ts'
import { replaceChildren } from '#shared/db/tables/post-children.ts'
import { markPresent } from '#shared/db/tables/post-status.ts'
import * as posts from '#shared/db/tables/posts.ts'
import { pagesOvertaken } from '#shared/db/tables/raw-pages.ts'
import type { Platform } from '#shared/model/account.ts'
import type { PostRecord } from '#shared/model/post.ts'
import type { Tally } from './counts.ts'
import { dictionaryMentions } from './dictionary.ts'
import { type Models, planMl } from './plan-ml.ts'
import type { Sighting } from './read.ts'
import { type WeighedPost, weighPost } from './weigh-post.ts'

type Detail = NonNullable<WeighedPost['detail']>['record']

/** A post weighed and its row. */
interface Row {
  readonly id: string
  readonly isNew: boolean
  /** It was missing or deleted until now. */
  readonly isBack: boolean
  /** Accounts beside its owner whose answers show it. */
  readonly shownBy: readonly string[]
  readonly weighed: WeighedPost
}

/**
 * Writes the posts of a batch: the newest-seen rows of those on record are locked, in post order, and only under that
 * lock is decided what changes; those never seen are inserted in key order. When another transaction inserts one of
 * them at this moment, this one begins again, so that locks are always taken in one order. One statement per table.
 * Returns for how many posts ML jobs were planned.
 */
export async function writePosts(
  tx: Queryable,
  platform: Platform,
  sightings: readonly Sighting<PostRecord>[],
  models: Models | null,
  tally: Tally,
): Promise<number> {
  if (sightings.length === 0) return 0
  const seen = Map.groupBy(sightings, ({ record }) => record.native_id)
  const rows = await weighAll(tx, platform, seen)
  for (const { weighed } of rows)
    for (const { pageId, outcome } of weighed.outcomes) tally.add(pageId, outcome)
  await writeContent(tx, rows)
  await noteAppearances(
    tx,
    rows.flatMap(({ id, shownBy }) => shownBy.map((account_id) => ({ post_id: id, account_id }))),
  )
  await writeNumbers(tx, rows)
  return writeChildren(tx, platform, rows, models)
}

async function weighAll(
  tx: Queryable,
  platform: Platform,
  seen: Map<string, Sighting<PostRecord>[]>,
): Promise<Row[]> {
  const known = await lockAndWeigh(tx, platform, [...seen.keys()], seen)
  const isKnown = new Set(known.map(({ weighed }) => weighed.native_id))
  const fresh = [...seen].flatMap(([native_id, sightings]) =>
    isKnown.has(native_id) ? [] : [weighPost(native_id, sightings, undefined)],
  )
  const inserted = await posts.insertNewPosts(
    tx,
    platform,
    fresh.flatMap(({ native_id, fields }) => (fields ? [{ native_id, ...fields.columns }] : [])),
  )
  const madeNow = fresh.flatMap((weighed): Row[] => {
    const id = inserted.get(weighed.native_id)
    if (id === undefined) return []
    const shownBy = othersThan(weighed.fields?.columns.account_id, seen.get(weighed.native_id))
    return [{ id, isNew: true, isBack: false, shownBy, weighed }]
  })
  const all = fresh.filter(({ fields }) => fields).length
  if (inserted.size < all) throw new Conflict('another batch inserted some of these posts at this moment')
  return [...known, ...madeNow]
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
    return { id: post.id, isNew: false, isBack: isBack(post, weighed), shownBy, weighed }
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

/** Seen after it was missed; an older sighting, of a page redriven late, says nothing of that. */
function isBack({ status, missing_since }: posts.KnownPost, { latest }: WeighedPost): boolean {
  return status !== 'present' && latest !== null && latest.observed_at > (missing_since ?? new Date(0))
}

async function writeContent(tx: Queryable, rows: readonly Row[]): Promise<void> {
  const changed = rows
    .filter(({ isNew }) => !isNew)
    .map(({ id, weighed }) => ({ id, fields: weighed.fields }))
  await posts.rewriteListings(
    tx,
    changed.flatMap(({ id, fields }) => (fields?.full === false ? [{ ...fields.columns, id }] : [])),
  )
  await posts.rewriteDetails(
    tx,
    changed.flatMap(({ id, fields }) => (fields?.full === true ? [{ ...fields.columns, id }] : [])),
  )
  await markPresent(
    tx,
    rows.flatMap(({ id, isBack }) => (isBack ? [id] : [])),
  )
}

async function writeNumbers(tx: Queryable, rows: readonly Row[]): Promise<void> {
  const latest = (isNew: boolean) =>
    rows.flatMap(({ id, isNew: made, weighed }) =>
      made === isNew && weighed.latest ? [{ ...weighed.latest, post_id: id }] : [],
    )
  await posts.insertLatest(tx, latest(true))
  await posts.updateLatest(tx, latest(false))
  await appendPostMetrics(
    tx,
    rows.flatMap(({ id, weighed }) => weighed.history.map((metrics) => ({ ...metrics, post_id: id }))),
  )
  await appendLatePostMetrics(
    tx,
    rows.flatMap(({ id, weighed }) => weighed.late.map((metrics) => ({ ...metrics, post_id: id }))),
  )
}

/** Media, tags, mentions and ML jobs of posts whose detailed content is new. Returns for how many posts jobs were planned. */
async function writeChildren(
  tx: Queryable,
  platform: Platform,
  rows: readonly Row[],
  models: Models | null,
): Promise<number> {
  const rewritten = rows.flatMap(({ id, isNew, weighed }) =>
    weighed.detail ? [{ id, isNew, detail: weighed.detail }] : [],
  )
  if (rewritten.length === 0) return 0
  const of = <Child extends object>(list: (record: Detail) => readonly Child[]) =>
    rewritten.flatMap(({ id, detail }) => list(detail.record).map((child) => ({ ...child, post_id: id })))
  const known = rewritten.flatMap(({ id, isNew }) => (isNew ? [] : [id]))
  const named = await dictionaryMentions(
    tx,
    platform,
    rewritten.map(({ id, detail }) => ({
      post_id: id,
      account_id: detail.page.account_id,
      text: detail.record.listing.body,
    })),
  )
  const jobs = models ? await jobsOfPosts(tx, known) : []
  const media = await replaceChildren(tx, known, {
    media: of((record) => record.media),
    hashtags: of((record) => record.hashtags),
    mentions: [...of((record) => record.mentions), ...named],
  })
  if (!models) return 0
  const mediumId = new Map(
    media.map(({ id, post_id, role, position }) => [`${post_id} ${role} ${position}`, id]),
  )
  const wanted: WantedJob[] = rewritten.flatMap(({ id, detail }) =>
    planMl(detail.record, models).map(({ medium, ...job }) => ({
      ...job,
      post_id: id,
      media_id: medium ? (mediumId.get(`${id} ${medium.role} ${medium.position}`) ?? null) : null,
      sync_task_id: detail.page.sync_task_id,
      traceparent: detail.page.traceparent,
    })),
  )
  await planJobs(tx, wanted, { posts: known, jobs, models: [models.text, models.image] })
  return new Set(wanted.map(({ post_id }) => post_id)).size
}
