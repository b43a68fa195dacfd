import { markGone } from '#shared/db/accounts.ts'
import {
  blockPool,
  correctUsed,
  exhaustWindow,
  type Reservation,
  type ReservedWindow,
  reserveQuota,
} from '#shared/db/quota-windows.ts'
import { advanceTasks, failWalks, waitForPool, waitTasks } from '#shared/db/sync-tasks.ts'
import { AccountGone, AskAgain, messageOf, RetryableError, TerminalError } from '#shared/errors.ts'
import { backoffMs } from '#shared/http/backoff.ts'
import type { QuotaNeed } from '#shared/model/quota.ts'
import { Lane } from '#shared/model/sync.ts'
import type { PoolUsage, Told } from '#shared/platforms/platform.ts'
import { inSpan } from '#shared/telemetry/span.ts'
import type { AskDeps } from './deps.ts'
import { advanceTo, type Hand } from './hand.ts'

/** Nothing was asked: the tasks wait for the pool. */
class OutOfQuota extends Error {
  readonly refusal: Extract<Reservation, { granted: false }>

  constructor(refusal: OutOfQuota['refusal']) {
    super(`${refusal.window.pool} is used up`)
    this.refusal = refusal
  }
}

/** A call for many was refused for good; which of them is at fault shows when each is asked about alone. */
export const split = Symbol('split')

/**
 * Reserves quota and makes one call for these hands. Returns undefined when it came to nothing: the verdict has then
 * been recorded on the tasks, and the hands are out. A terminal refusal of a call for many is `split`.
 */
export async function ask<Answer extends Told>(
  deps: AskDeps,
  hands: readonly Hand[],
  need: QuotaNeed,
  call: () => Promise<Answer>,
): Promise<Answer | typeof split | undefined> {
  try {
    const links = hands.map((hand) => hand.span.traceparent)
    const attributes = { 'social_sync.tasks': hands.length }
    return await inSpan('look up', { links, attributes }, () => reserved(deps, hands, need, call))
  } catch (error) {
    if (error instanceof TerminalError && hands.length > 1) return split
    await record(deps, hands, need, error)
    for (const hand of hands) hand.state = 'out'
    return undefined
  }
}

/** Forms in which the same may be asked before it waits like any other failure. */
const mostForms = 6

/**
 * One call within quota, and again in another form where the connector asks for that. A refusal that is about the pool
 * is written to the window that was reserved from, and so is what the platform itself counts as used.
 */
export async function reserved<Answer extends Told>(
  deps: AskDeps,
  hands: readonly Hand[],
  need: QuotaNeed,
  call: () => Promise<Answer>,
): Promise<Answer> {
  for (let form = 1; ; form += 1) {
    try {
      return await reservedOnce(deps, hands, need, call)
    } catch (error) {
      if (!(error instanceof AskAgain) || form >= mostForms) throw error
      deps.log.warn({ error }, 'asking again in another form')
    }
  }
}

async function reservedOnce<Answer extends Told>(
  deps: AskDeps,
  hands: readonly Hand[],
  need: QuotaNeed,
  call: () => Promise<Answer>,
): Promise<Answer> {
  const lane = Lane.options.find((option) => hands.some((hand) => hand.task.lane === option)) ?? 'backfill'
  await deps.keepLeases()
  const reservation = await reserveQuota(deps.db, need, lane)
  if (!reservation.granted) throw new OutOfQuota(reservation)
  try {
    const answer = await call()
    await correct(deps, reservation.windows, answer.usage ?? [])
    return answer
  } catch (error) {
    const [widest] = reservation.windows
    if (error instanceof RetryableError && widest) {
      if (error.scope === 'window') await exhaustWindow(deps.db, widest)
      if (error.scope === 'pool') await blockPool(deps.db, widest, error.poolPauseMs)
    }
    throw error
  }
}

async function correct(
  deps: AskDeps,
  windows: readonly ReservedWindow[],
  usage: readonly PoolUsage[],
): Promise<void> {
  for (const window of windows) {
    const told = usage.find(({ pool }) => pool === window.pool)
    if (told) await correctUsed(deps.db, window, told.used)
  }
}

/** Turns a verdict into the state of the tasks. A walk is failed only by a terminal verdict or too many attempts. */
export async function record(
  deps: AskDeps,
  hands: readonly Hand[],
  need: QuotaNeed,
  error: unknown,
): Promise<void> {
  const tasks = hands.map((hand) => hand.task)
  if (error instanceof OutOfQuota) {
    const { window, opens_at, period_s } = error.refusal
    const carries = Math.max(1, Math.floor(window.limit / 2))
    await waitForPool(deps.db, tasks, {
      pool: window.pool,
      reason: 'quota',
      error: null,
      opens_at,
      period_s,
      carries,
    })
  } else if (error instanceof RetryableError && error.scope !== 'call') {
    await waitForVerdict(deps, hands, need, error)
  } else if (error instanceof TerminalError) {
    if (error instanceof AccountGone) {
      await markGone(
        deps.db,
        tasks.map((task) => task.account_id),
        error.status,
        error.message,
      )
    }
    if (error instanceof AccountGone && error.status === 'missing') await endAsMissing(deps, hands)
    else await failWalks(deps.db, tasks, error.message)
  } else {
    await retryLater(deps, hands, error)
  }
  for (const { span } of hands) span.set({ 'social_sync.verdict': messageOf(error).slice(0, 200) })
  deps.log.warn({ error, tasks: tasks.map((task) => task.id) }, 'a call came to nothing')
}

/** The platform answered that there is no such account: the walk has ended and nothing failed. */
async function endAsMissing(deps: AskDeps, hands: readonly Hand[]): Promise<void> {
  const ended = hands.map((hand) =>
    advanceTo(hand, { ...hand.cursor, profile: true, pending: [], ended: 'missing' }),
  )
  await deps.db.transaction((tx) => advanceTasks(tx, ended, deps.leaseS))
}

/** The pool was closed by the platform: wait until it opens, without counting an attempt. */
async function waitForVerdict(
  deps: AskDeps,
  hands: readonly Hand[],
  need: QuotaNeed,
  error: RetryableError,
): Promise<void> {
  const probe = await reserveQuota(deps.db, { ...need, units: 0 }, 'ad-hoc')
  const tasks = hands.map((hand) => hand.task)
  const wait = { reason: error.reason, error: error.message }
  if (probe.granted) return waitTasks(deps.db, tasks, { ...wait, afterMs: error.poolPauseMs, counts: false })
  const { window, opens_at, period_s } = probe
  const carries = Math.max(1, Math.floor(window.limit / 2))
  return waitForPool(deps.db, tasks, { ...wait, pool: window.pool, opens_at, period_s, carries })
}

async function retryLater(deps: AskDeps, hands: readonly Hand[], error: unknown): Promise<void> {
  const reason = error instanceof RetryableError ? error.reason : 'error'
  for (const { task, attempts } of hands) {
    if (attempts >= deps.taskAttempts) {
      await failWalks(deps.db, [task], `given up after ${attempts} attempts: ${messageOf(error)}`)
      continue
    }
    const asked = error instanceof RetryableError ? error.afterMs : undefined
    const afterMs = Math.max(
      asked ?? 0,
      backoffMs(Math.max(1, attempts), 60_000, 6 * 3_600_000, deps.random()),
    )
    await waitTasks(deps.db, [task], { reason, error: messageOf(error), afterMs, counts: true })
  }
}
