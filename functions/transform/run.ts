import { type BodyStore, inPostgres, removeGivenUp } from '#shared/db/body-store.ts'
import { finishTasks } from '#shared/db/operations/finish-tasks.ts'
import { type Db, isDatabaseAway } from '#shared/db/pool.ts'
import { type ClaimedPage, claimPages, faultPage, uncountPages } from '#shared/db/tables/raw-pages.ts'
import { messageOf, TerminalError } from '#shared/errors.ts'
import type { Planning } from '#shared/ml/rules.ts'
import { readPage } from '#shared/platforms/index.ts'
import type { Logger } from '#shared/telemetry/logger.ts'
import { count } from '#shared/telemetry/metrics.ts'
import { inSpan } from '#shared/telemetry/span.ts'
import type { ReadBody } from './read.ts'
import { transform } from './step.ts'

/** All that transforming needs, put together once. */
export interface TransformDeps {
  readonly db: Db
  /** In PostgreSQL when absent. */
  readonly bodies?: BodyStore
  readonly log: Logger
  /** What ML models are to look at. null: no ML job is planned. */
  readonly planning: Planning | null
  /** A page is parked when it was tried so often. */
  readonly pageAttempts: number
  /** Reads stored answers; those of all platforms we know when absent. */
  readonly readBody?: ReadBody
}

/** Which stored pages to transform: all that are due, or only the due pages of these tasks. */
export type TransformOrder =
  | { readonly of: 'due' }
  | { readonly of: 'tasks'; readonly ids: readonly string[] }

export interface TransformOutcome {
  /** Pages whose records are rows now. */
  readonly pages: number
  /** Pages that wait for a person, and why. */
  readonly parked: readonly PageProblem[]
  /** Pages that are tried again later, when, and why. */
  readonly retried: readonly (PageProblem & { readonly until: Date })[]
  /** Posts whose ML jobs were planned: there is something to send. */
  readonly planned: number
  /** Tasks that became final. */
  readonly finished: readonly string[]
  /** Whether time ran out before pages did. */
  readonly more: boolean
}

interface PageProblem {
  readonly id: string
  readonly reason: string
}

interface TransformRun extends Required<TransformDeps> {
  readonly signal: AbortSignal
  readonly parked: PageProblem[]
  readonly retried: (PageProblem & { readonly until: Date })[]
  planned: number
}

/** So much at once that a function of 256 MB holds it, and few round trips are made (docs/performance.md). */
const claimSize = { pages: 30, bytes: 2_500_000 }

/**
 * Claims stored pages batch after batch, transforms them and finishes their tasks, until none is due or the signal aborts.
 * A batch that fails is tried page by page, so that one bad page holds up no other.
 */
export async function runTransform(
  deps: TransformDeps,
  order: TransformOrder,
  signal: AbortSignal,
): Promise<TransformOutcome> {
  const run: TransformRun = {
    readBody: readPage,
    bodies: inPostgres,
    ...deps,
    signal,
    parked: [],
    retried: [],
    planned: 0,
  }
  const finished: string[] = []
  let pages = 0
  while (!signal.aborted) {
    const claimed = await inSpan('claim', { attributes: { 'social_sync.of': 'pages' } }, () =>
      claimPages(deps.db, { ...claimSize, ofTasks: order.of === 'tasks' ? order.ids : null }, run.bodies),
    )
    if (claimed.length === 0) {
      // An account that turned out to be an erased one is erased again.
      await removeGivenUp(run, signal, 1)
      return outcomeOf(run, { pages, finished, more: false })
    }
    pages += await transformClaimed(run, await withoutSpent(run, claimed))
    const ids = claimed.map((page) => page.sync_task_id)
    finished.push(...(await finishTasks(deps.db, ids)).finished)
  }
  return outcomeOf(run, { pages, finished, more: true })
}

const outcomeOf = (
  { parked, retried, planned }: TransformRun,
  rest: Pick<TransformOutcome, 'pages' | 'finished' | 'more'>,
): TransformOutcome => ({ ...rest, parked, retried, planned })

/** A page claimed more often than it may be kills its process each time: it is parked before it does so again. */
async function withoutSpent(run: TransformRun, pages: readonly ClaimedPage[]): Promise<ClaimedPage[]> {
  for (const { id, claim_token, attempts } of pages.filter((page) => page.attempts > run.pageAttempts)) {
    const message = `given up after ${attempts - 1} attempts that never ended`
    await faultPage(run.db, { id, claim_token, reason: 'killed', message }, true)
    run.parked.push({ id, reason: message })
  }
  return pages.filter((page) => page.attempts <= run.pageAttempts)
}

/** Returns how many went in. */
async function transformClaimed(run: TransformRun, pages: readonly ClaimedPage[]): Promise<number> {
  if (pages.length === 0) return 0
  try {
    await transformBatch(run, pages)
    return pages.length
  } catch (error) {
    if (isDatabaseAway(error)) return giveBack(run, pages, error)
    run.log.warn({ error, pages: pages.length }, 'a batch of pages failed, going page by page')
  }
  let transformed = 0
  for (const page of pages) {
    // What time leaves over is due again by itself.
    if (run.signal.aborted) break
    try {
      await transformBatch(run, [page])
      transformed += 1
    } catch (error) {
      if (isDatabaseAway(error)) return giveBack(run, [page], error)
      await refuse(run, page, error)
    }
  }
  return transformed
}

/** Database trouble says nothing about the pages: takes back their attempt, if the database lets it, and throws on. */
async function giveBack(run: TransformRun, pages: readonly ClaimedPage[], trouble: unknown): Promise<never> {
  await uncountPages(run.db, pages).catch((error: unknown) =>
    run.log.warn({ error }, 'an attempt at pages counts although the database was in trouble'),
  )
  throw trouble
}

async function transformBatch(run: TransformRun, pages: readonly ClaimedPage[]): Promise<void> {
  const { db, planning, readBody } = run
  const links = pages.map((page) => page.traceparent)
  const attributes = { 'social_sync.pages': pages.length }
  const transformed = await inSpan('batch', { links, attributes }, () =>
    transform(db, pages, planning, readBody),
  )
  run.planned += transformed.planned
}

/** Parks a page at once when its answer cannot be read, and at its last attempt for any other cause. */
async function refuse(run: TransformRun, page: ClaimedPage, error: unknown): Promise<void> {
  const { id, claim_token } = page
  const park = error instanceof TerminalError || page.attempts >= run.pageAttempts
  const reason = error instanceof TerminalError ? error.reason : 'error'
  const message = messageOf(error).slice(0, 2000).toWellFormed()
  await faultPage(run.db, { id, claim_token, reason, message }, park)
  if (park) run.parked.push({ id, reason: message })
  else run.retried.push({ id, reason: message, until: page.retry_at })
  count('social_sync.pages', 1, {
    'social_sync.platform': page.platform,
    'social_sync.outcome': park ? 'parked' : 'retried',
  })
  run.log.error(
    { error, raw_page_id: id, parked: park },
    park ? 'a page is parked' : 'a page is tried again later',
  )
}
