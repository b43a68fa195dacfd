import { type BodyStore, inPostgres } from '#shared/db/body-store.ts'
import { finishTasks } from '#shared/db/operations/finish-tasks.ts'
import { makePartitionsOf, setBack } from '#shared/db/operations/intervene.ts'
import {
  countBodiless,
  type ReplayFilter,
  readEffects,
  replayableLines,
  type Snapshot,
  snapshotPosts,
  snapshotProfiles,
} from '#shared/db/operations/replayable-pages.ts'
import type { Db, Queryable, Transaction } from '#shared/db/pool.ts'
import type { ClaimedPage, PageLine } from '#shared/db/tables/raw-pages.ts'
import { TerminalError } from '#shared/errors.ts'
import type { Planning } from '#shared/ml/rules.ts'
import { readPage } from '#shared/platforms/index.ts'
import { type ReadBody, type ReadPage, read } from './read.ts'
import { transform } from './step.ts'

/** One value that would be another. */
interface Example {
  /** The post or profile. */
  readonly of: string
  readonly field: string
  readonly before: unknown
  readonly after: unknown
}

/** What reading stored answers again by the rules of now would change. */
export interface ReplayDiff {
  pages: number
  /** Pages whose bodies were purged. */
  readonly bodiless: number
  /** Pages that these rules cannot read at all: they would be parked. */
  unreadable: number
  /** Keys of rows that would change, by field; each counts once, however many of its pages say so. */
  readonly changed: Map<string, Set<string>>
  readonly examples: Example[]
  /** Keys of posts and profiles that were not there before. */
  readonly made: Set<string>
  readonly quarantined: { before: number; after: number }
  /** Contents for which ML jobs would be planned, and paid for. */
  readonly ml_jobs: Set<string>
}

const batch = { pages: 100, bytes: 8_000_000 }
const mostExamples = 3

/**
 * Reads stored answers again by the present rules, without any call, and reports what would change. Each batch is
 * transformed in a transaction that is rolled back: nothing stays.
 */
export async function previewReplay(
  db: Db,
  filter: ReplayFilter,
  planning: Planning | null,
  readBody: ReadBody = readPage,
  bodies: BodyStore = inPostgres,
): Promise<ReplayDiff> {
  const diff: ReplayDiff = {
    pages: 0,
    bodiless: await countBodiless(db, filter),
    unreadable: 0,
    changed: new Map(),
    examples: [],
    made: new Set(),
    quarantined: { before: 0, after: 0 },
    ml_jobs: new Set(),
  }
  for await (const lines of batches(db, filter)) {
    const texts = await bodies.read(db, lines)
    const pages = lines.map((line) => ({ ...line, body: texts.get(line.id) ?? null }))
    diff.pages += pages.length
    const understood = pages.flatMap((page) => understand(page, readBody))
    diff.unreadable += pages.length - understood.length
    await compare(db, understood, planning, readBody, diff)
  }
  return diff
}

/**
 * Sets these pages back to be transformed again by the rules of now, as any stored page is; their tasks wait for them.
 * Returns how many; the caller rings transform, or poll does within its next ticks.
 */
export async function applyReplay(db: Db, filter: ReplayFilter): Promise<number> {
  let count = 0
  for await (const pages of batches(db, filter)) {
    const back = await db.transaction((tx) =>
      setBack(
        tx,
        pages.map(({ id }) => id),
        'transformed',
      ),
    )
    await finishTasks(
      db,
      pages.map((page) => page.sync_task_id),
    )
    count += back.length
  }
  return count
}

/** Pages of one platform at a time. */
async function* batches(db: Db, filter: ReplayFilter): AsyncGenerator<PageLine[]> {
  let after = '0'
  for (;;) {
    const pages = await replayableLines(db, filter, after, batch)
    const last = pages.at(-1)
    if (!last) return
    yield* Map.groupBy(pages, ({ platform }) => platform).values()
    after = last.id
  }
}

/** Nothing of a page that cannot be read as a whole. */
function understand(page: ClaimedPage, readBody: ReadBody): ReadPage[] {
  try {
    return [read(page, readBody)]
  } catch (error) {
    if (error instanceof TerminalError) return []
    throw error
  }
}

class RolledBack extends Error {}

async function compare(
  db: Db,
  understood: readonly ReadPage[],
  planning: Planning | null,
  readBody: ReadBody,
  diff: ReplayDiff,
): Promise<void> {
  if (understood.length === 0) return
  const pages = understood.map(({ page }) => page)
  const ids = pages.map(({ id }) => id)
  const work = async (tx: Transaction): Promise<never> => {
    const before = await snapshot(tx, understood)
    const effects = await readEffects(tx, ids)
    await setBack(tx, ids, 'transformed')
    // The step opens transactions of its own: here it works inside ours.
    const inside: Db = { rows: tx.rows, transaction: (inner) => inner(tx), end: async () => undefined }
    await transform(inside, pages, planning, readBody)
    const since = await readEffects(tx, ids)
    note(diff, before, await snapshot(tx, understood))
    diff.quarantined.before += effects.quarantined
    diff.quarantined.after += since.quarantined
    for (const content of since.planned) diff.ml_jobs.add(content)
    throw new RolledBack()
  }
  // Made before: within the transaction they would stop every writer until it is rolled back.
  await makePartitionsOf(db, ids)
  await db.transaction(work).catch((error: unknown) => {
    if (!(error instanceof RolledBack)) throw error
  })
}

async function snapshot(tx: Queryable, understood: readonly ReadPage[]): Promise<Snapshot[]> {
  const found: Snapshot[] = await snapshotProfiles(
    tx,
    understood.map(({ page }) => page.account_id),
  )
  for (const [platform, group] of Map.groupBy(understood, ({ page }) => page.platform)) {
    const ids = group.flatMap(({ posts }) => posts.map(({ record }) => record.native_id))
    found.push(...(await snapshotPosts(tx, platform, ids)))
  }
  return found
}

/** Adds to the diff what differs between the two. */
function note(diff: ReplayDiff, before: readonly Snapshot[], after: readonly Snapshot[]): void {
  const known = new Map(before.map(({ key, fields }) => [key, fields]))
  for (const { key, fields } of after) {
    const old = known.get(key)
    if (!old) diff.made.add(key)
    for (const field of old ? differing(old, fields) : []) {
      const keys = diff.changed.get(field) ?? new Set()
      if (keys.size < mostExamples && !keys.has(key))
        diff.examples.push({ of: key, field, before: old?.[field] ?? null, after: fields[field] ?? null })
      diff.changed.set(field, keys.add(key))
    }
  }
}

const differing = (old: Snapshot['fields'], fields: Snapshot['fields']): string[] =>
  Object.keys(fields).filter((field) => JSON.stringify(old[field]) !== JSON.stringify(fields[field]))
