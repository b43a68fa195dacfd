import { finishTasks } from '#shared/db/finish-tasks.ts'
import { tasksOfJobs } from '#shared/db/ml-jobs.ts'
import { isDatabaseAway } from '#shared/db/pool.ts'
import { type ClaimedPage, claimPages, faultPage, uncountPages } from '#shared/db/raw-pages.ts'
import { messageOf, TerminalError } from '#shared/errors.ts'
import type { Config } from '#shared/runtime/config.ts'
import { cloudFunction, type Run, type TimeLeft } from '#shared/runtime/handler.ts'
import { submitPlannedJobs } from '#shared/runtime/ml.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import { count } from '#shared/telemetry/metrics.ts'
import { inSpan } from '#shared/telemetry/span.ts'
import type { Models } from './plan-ml.ts'
import { transform } from './step.ts'

export const budgetMs = 40_000
const claim = { pages: 100, bytes: 8_000_000 }

/**
 * Rung when pages are stored: claims them, transforms them, finishes their tasks, and sends the ML jobs it planned
 * within a quarter of its time. What is left when time runs out is rung for again.
 */
export const run: Run<'transform'> = async (ports, config, _event, timeLeft) => {
  let transformed = 0
  let rest = false
  while (timeLeft(0.75)) {
    const pages = await inSpan('claim', { attributes: { 'social_sync.of': 'pages' } }, () =>
      claimPages(ports.db, claim),
    )
    if (pages.length === 0) break
    const fit = await withoutSpent(ports, config, pages)
    transformed += await transformClaimed(ports, config, fit, timeLeft)
    await finishTasks(
      ports.db,
      pages.map((page) => page.sync_task_id),
    )
    rest = !timeLeft(0.75)
  }
  if (rest) await ports.sender(config.TRANSFORM_QUEUE_URL)([{ v: 1, kind: 'transform' }])
  if (transformed > 0) await submitWithin(ports, config, timeLeft)
  return { transformed }
}

async function submitWithin(ports: Ports, config: Config<'transform'>, timeLeft: TimeLeft): Promise<void> {
  const until = performance.now() + budgetMs / 4
  const failed = await submitPlannedJobs(ports, config, () => timeLeft() && performance.now() < until)
  await finishTasks(ports.db, await tasksOfJobs(ports.db, failed))
}

/** A page claimed more often than it may be kills its process each time: it is parked before it does so again. */
async function withoutSpent(
  ports: Ports,
  config: Config<'transform'>,
  pages: readonly ClaimedPage[],
): Promise<ClaimedPage[]> {
  for (const { id, attempts } of pages.filter((page) => page.attempts > config.PAGE_ATTEMPTS)) {
    const message = `given up after ${attempts - 1} attempts that never ended`
    await faultPage(ports.db, { id, attempts, reason: 'killed', message }, true)
  }
  return pages.filter((page) => page.attempts <= config.PAGE_ATTEMPTS)
}

/** The batch at once; if that fails, page by page, so that one bad page holds up no other. Returns how many went in. */
async function transformClaimed(
  ports: Ports,
  config: Config<'transform'>,
  pages: readonly ClaimedPage[],
  timeLeft: TimeLeft,
): Promise<number> {
  const models = config.ML_URL ? { text: config.ML_TEXT_MODEL, image: config.ML_IMAGE_MODEL } : null
  if (pages.length === 0) return 0
  try {
    await transformBatch(ports, pages, models)
    return pages.length
  } catch (error) {
    if (isDatabaseAway(error)) return giveBack(ports, pages, error)
    ports.log.warn({ error, pages: pages.length }, 'a batch of pages failed, going page by page')
  }
  let transformed = 0
  for (const page of pages) {
    // What time leaves over is due again by itself.
    if (!timeLeft()) break
    try {
      await transformBatch(ports, [page], models)
      transformed += 1
    } catch (error) {
      if (isDatabaseAway(error)) return giveBack(ports, [page], error)
      await refuse(ports, config, page, error)
    }
  }
  return transformed
}

/** The database was in trouble, which says nothing of the pages: their attempt is not counted, as far as it takes that. */
async function giveBack(ports: Ports, pages: readonly ClaimedPage[], trouble: unknown): Promise<never> {
  await uncountPages(ports.db, pages).catch((error: unknown) =>
    ports.log.warn({ error }, 'an attempt at pages counts although the database was in trouble'),
  )
  throw trouble
}

function transformBatch(ports: Ports, pages: readonly ClaimedPage[], models: Models | null): Promise<void> {
  const links = pages.map((page) => page.traceparent)
  const attributes = { 'social_sync.pages': pages.length }
  return inSpan('batch', { links, attributes }, () => transform(ports.db, pages, models))
}

/** Parks a page at once when its answer cannot be read, and at its last attempt for any other cause. */
async function refuse(
  ports: Ports,
  config: Config<'transform'>,
  page: ClaimedPage,
  error: unknown,
): Promise<void> {
  const park = error instanceof TerminalError || page.attempts >= config.PAGE_ATTEMPTS
  const reason = error instanceof TerminalError ? error.reason : 'error'
  await faultPage(
    ports.db,
    { id: page.id, attempts: page.attempts, reason, message: messageOf(error).slice(0, 2000).toWellFormed() },
    park,
  )
  count('social_sync.pages', 1, {
    'social_sync.platform': page.platform,
    'social_sync.outcome': park ? 'parked' : 'retried',
  })
  ports.log.error(
    { error, raw_page_id: page.id, parked: park },
    park ? 'a page is parked' : 'a page is tried again later',
  )
}

export const handler = cloudFunction('transform', budgetMs, run)
