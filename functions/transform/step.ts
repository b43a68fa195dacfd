import { countMissesById, type Miss } from '#shared/db/operations/due-metrics.ts'
import { eraseAccount } from '#shared/db/operations/erase.ts'
import type { Db, Queryable, Transaction } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { type AccountSeen, holdAccounts, markMissing, markSeen } from '#shared/db/tables/accounts.ts'
import { erasedAgain } from '#shared/db/tables/erasures.ts'
import { holdPosts, NotRecognised, touchPosts } from '#shared/db/tables/known-posts.ts'
import { quarantine } from '#shared/db/tables/quarantined-records.ts'
import {
  type ClaimedPage,
  dropPages,
  holdPages,
  type PageCounts,
  settlePages,
} from '#shared/db/tables/raw-pages.ts'
import { noteIssues } from '#shared/db/tables/record-issues.ts'
import type { Planning } from '#shared/ml/rules.ts'
import type { Platform } from '#shared/model/account.ts'
import { readPage } from '#shared/platforms/index.ts'
import { count } from '#shared/telemetry/metrics.ts'
import { Tally } from './counts.ts'
import { tracePages } from './page-spans.ts'
import type { ReadBody, ReadPage } from './read.ts'
import { readNews, readWhole, seenOnce } from './recognise.ts'
import { writePosts } from './write-posts.ts'
import { writeProfiles } from './write-profiles.ts'

/**
 * Version of the rules in this folder and in the platforms' `read`; raised when they change what comes out. A replay
 * (replay-diff.ts) brings rows made by older rules up to date.
 */
export const transformVersion = 4

/**
 * Claimed pages of one platform to rows, in one transaction: all of it or nothing. Without a planning no ML job is planned. Returns
 * for how many posts jobs were planned.
 * Parsing comes before, so that no lock waits for it. Locks are taken in the one order of the whole product: accounts,
 * raw_pages, profiles, posts, post_latest, children, ml_plans. Pages of erased accounts are dropped; pages that another
 * claim has taken are left alone. An account that turns out to be an erased one under a new name is erased again.
 */
export async function transform(
  db: Db,
  claimed: readonly ClaimedPage[],
  planning: Planning | null,
  readBody: ReadBody = readPage,
): Promise<{ planned: number }> {
  const traced = tracePages(claimed)
  try {
    const { lines, planned, erased } = await transformTraced(db, traced.pages, planning, readBody)
    traced.end(lines)
    for (const [id, requestedBy] of erased)
      await eraseAccount(db, id, { actor: 'transform', hashHandle: null, requestedBy })
    return { planned }
  } catch (error) {
    traced.end(error instanceof Error ? error : new Error(String(error)))
    throw error
  }
}

async function transformTraced(
  db: Db,
  pages: readonly ClaimedPage[],
  planning: Planning | null,
  readBody: ReadBody,
): Promise<Written & { erased: Awaited<ReturnType<typeof erasedAgain>> }> {
  try {
    return await transformRead(db, pages, planning, await readNews(db, pages, readBody, transformVersion))
  } catch (error) {
    if (!(error instanceof NotRecognised)) throw error
    return transformRead(db, pages, planning, readWhole(pages, readBody))
  }
}

async function transformRead(
  db: Db,
  pages: readonly ClaimedPage[],
  planning: Planning | null,
  understood: readonly ReadPage[],
): Promise<Written & { erased: Awaited<ReturnType<typeof erasedAgain>> }> {
  for (const { platform, field } of understood.flatMap(({ issues }) => issues))
    count('social_sync.record_issues', 1, {
      'social_sync.platform': platform,
      'social_sync.field': field.replaceAll(/(?<=^|\.)\d+(?=\.|$)/g, '*'),
    })
  return db.transaction(async (tx) => {
    const alive = await holdAccounts(
      tx,
      pages.map((page) => page.account_id),
    )
    const erased = await erasedAgain(tx, understood.flatMap(idsOf))
    const isOurs = ({ account_id }: ClaimedPage) => alive.has(account_id) && !erased.has(account_id)
    await writeAccounts(
      tx,
      understood.filter(({ page }) => isOurs(page) && !page.is_replay),
    )
    const held = await holdPages(tx, pages)
    const orphaned = pages.filter((page) => held.has(page.id) && !isOurs(page)).map((page) => page.id)
    if (orphaned.length > 0) await dropPages(tx, sql`p.id = any(${orphaned}::bigint[])`)
    const written = await write(
      tx,
      understood.filter(({ page }) => held.has(page.id) && isOurs(page)),
      planning,
    )
    return { ...written, erased }
  })
}

const idsOf = ({ page, profiles }: ReadPage) =>
  profiles.map(({ record }) => ({ id: page.account_id, native_id: record.native_id }))

/** What answers say of accounts themselves; an old one that is replayed says nothing of how they are now. */
async function writeAccounts(tx: Queryable, pages: readonly ReadPage[]): Promise<void> {
  const newest = new Map<string, AccountSeen>()
  for (const { page, profiles } of pages) {
    for (const { record } of profiles) {
      const known = newest.get(page.account_id)
      if (known && known.observed_at > page.fetched_at) continue
      newest.set(page.account_id, {
        id: page.account_id,
        native_id: record.native_id,
        handle: record.handle,
        observed_at: page.fetched_at,
      })
    }
  }
  await markSeen(
    tx,
    [...newest.values()].sort((a, b) => Number(a.id) - Number(b.id)),
  )
  const missing = pages.filter(({ page, accountMissing }) => {
    const seen = newest.get(page.account_id)
    return accountMissing && !(seen && seen.observed_at > page.fetched_at)
  })
  await markMissing(
    tx,
    missing.map(({ page }) => ({ id: page.account_id, observed_at: page.fetched_at })),
  )
}

const missesOf = ({ page, missed }: ReadPage): Miss[] =>
  missed.map((native_id) => ({
    native_id,
    account_id: page.account_id,
    at: page.fetched_at,
    task_id: page.sync_task_id,
  }))

/** Throws for pages of several platforms: their locks would have no order. */
function platformOf(pages: readonly ReadPage[]): Platform {
  const [platform, ...others] = new Set(pages.map(({ page }) => page.platform))
  if (!platform || others.length > 0) throw new Error('a transaction transforms pages of one platform')
  return platform
}

/** What became of the records of each page, and for how many posts ML jobs were planned. */
interface Written {
  readonly lines: PageCounts[]
  readonly planned: number
}

async function write(
  tx: Transaction,
  pages: readonly ReadPage[],
  planning: Planning | null,
): Promise<Written> {
  if (pages.length === 0) return { lines: [], planned: 0 }
  const tally = new Tally()
  await writeProfiles(
    tx,
    pages.flatMap(({ profiles }) => profiles),
    tally,
  )
  const platform = platformOf(pages)
  const sightings = pages.flatMap(({ posts }) => posts)
  const misses = pages.flatMap(missesOf)
  const known = pages.flatMap((page) => page.known)
  const ids = [...sightings.map(({ record }) => record.native_id), ...misses.map((miss) => miss.native_id)]
  // All are locked together, so that they are locked in one order; sightings are weighed before misses.
  if (misses.length > 0 || (known.length > 0 && ids.length > 0))
    await holdPosts(
      tx,
      platform,
      ids,
      known.map(({ post_id }) => post_id),
    )
  const news = await touchPosts(tx, seenOnce(known))
  for (const { page, post_id, group } of known)
    tally.add(page.id, group === 'detail' && news.has(post_id) ? 'normalised' : 'unchanged')
  const planned = await writePosts(tx, platform, sightings, planning, tally)
  await countMissesById(tx, platform, misses)
  await quarantine(
    tx,
    pages.flatMap(({ refused }) => refused),
  )
  await noteIssues(
    tx,
    pages.flatMap(({ issues }) => issues),
  )
  const lines = tally.lines(pages)
  await settlePages(tx, lines, transformVersion)
  return { lines, planned }
}
