import { isDatabaseTrouble } from '#shared/db/pool.ts'
import { endFault } from '#shared/db/tables/app-faults.ts'
import {
  blockForDay,
  blockPool,
  correctUsed,
  exhaustWindow,
  type ReservedWindow,
  reserveQuota,
} from '#shared/db/tables/quota-windows.ts'
import { AskAgain, RetryableError, Stopped, TerminalError } from '#shared/errors.ts'
import { Lane } from '#shared/model/sync.ts'
import type { PoolUsage, Received } from '#shared/platforms/platform.ts'
import { inSpan } from '#shared/telemetry/span.ts'
import { type Call, OutOfQuota } from './call.ts'
import type { Batch } from './deps.ts'
import type { Hand } from './hand.ts'
import { isOwnRate } from './own-rate.ts'
import { record } from './verdict.ts'

/** The call failed, perhaps because of one account in it: the caller repeats it for each half. */
export const split = Symbol('split')

/**
 * Reserves quota and makes one call for these hands. undefined: it failed, and the verdict is recorded or will be weighed, or it
 * was stopped, and there is no verdict. `split`: one of several accounts may be at fault.
 */
export async function ask<Answer extends Received>(
  batch: Batch,
  hands: readonly Hand[],
  call: Call,
  make: () => Promise<Answer>,
): Promise<Answer | typeof split | undefined> {
  try {
    const links = hands.map((hand) => hand.span.traceparent)
    const attributes = { 'social_sync.tasks': hands.length }
    return await inSpan('look up', { links, attributes }, () => reserved(batch, hands, call, make))
  } catch (error) {
    // The database in trouble is no verdict on any account: the claim ends by itself.
    if (isDatabaseTrouble(error)) throw error
    // They stay in hand, and are given back.
    if (error instanceof Stopped) return undefined
    if (hands.length > 1 && mayLieAtOne(error, hands)) return split
    await record(batch, hands, call, error)
    return undefined
  }
}

/**
 * Whether one of several accounts may be at fault. Trouble of the platform is not, unless an account keeps failing.
 */
function mayLieAtOne(error: unknown, hands: readonly Hand[]): boolean {
  if (error instanceof TerminalError) return true
  if (!(error instanceof RetryableError) || error.scope !== 'call') return false
  return error.code !== null || hands.some(({ attempts }) => attempts >= 3)
}

/** Forms in which the same may be asked before it waits like any other failure. */
const mostForms = 6

/**
 * One call within quota, and again in another form where the connector asks for that. A refusal that is about the pool
 * is written to the window that was reserved from, and so is what the platform itself counts as used.
 */
export async function reserved<Answer extends Received>(
  batch: Batch,
  hands: readonly Hand[],
  call: Call,
  make: () => Promise<Answer>,
): Promise<Answer> {
  for (let form = 1; ; form += 1) {
    try {
      return await reservedOnce(batch, hands, call, make)
    } catch (error) {
      if (!(error instanceof AskAgain) || form >= mostForms) throw error
      batch.log.warn({ error }, 'asking again in another form')
    }
  }
}

async function reservedOnce<Answer extends Received>(
  batch: Batch,
  hands: readonly Hand[],
  call: Call,
  make: () => Promise<Answer>,
): Promise<Answer> {
  const lane = Lane.options.find((option) => hands.some((hand) => hand.task.lane === option)) ?? 'backfill'
  await batch.keepLeases()
  const reservation = await reserveQuota(batch.db, call.need, lane)
  if (!reservation.granted) throw new OutOfQuota(reservation)
  let answer: Answer
  try {
    answer = await make()
  } catch (error) {
    throw await heeded(batch, hands, call, error, reservation.windows)
  }
  await correct(batch, reservation.windows, answer.usage ?? [])
  await noteAnswered(batch, hands, call)
  return answer
}

/** Closes the pool where the refusal is about it. Returns the verdict, which may turn out to be about the account alone. */
async function heeded(
  batch: Batch,
  hands: readonly Hand[],
  call: Call,
  error: unknown,
  [widest]: readonly ReservedWindow[],
): Promise<unknown> {
  if (!(error instanceof RetryableError) || !widest) return error
  const [hand, ...others] = hands
  if (error.reason === 'rate' && hand && others.length === 0) {
    const own = await isOwnRate(batch, hand, call, error)
    if (own) return own
  }
  if (error.scope === 'window') await exhaustWindow(batch.db, widest)
  if (error.scope === 'day') await blockForDay(batch.db, widest)
  if (error.scope === 'pool') await blockPool(batch.db, widest, error.poolPauseMs)
  return error
}

/** An answer is good: whatever the app was refused for is over. */
async function noteAnswered(batch: Batch, hands: readonly Hand[], { endpoint }: Call): Promise<void> {
  const answered = batch.fared.answered.get(endpoint) ?? new Set()
  for (const { task } of hands) answered.add(task.account_id)
  batch.fared.answered.set(endpoint, answered)
  if (!batch.fared.isAppRefused) return
  batch.fared.isAppRefused = false
  const { access_mode, platform } = batch
  await endFault(batch.db, { platform, access_mode })
  batch.log.info({ access_mode }, 'the platform answers the app again')
}

async function correct(
  batch: Batch,
  windows: readonly ReservedWindow[],
  usage: readonly PoolUsage[],
): Promise<void> {
  for (const window of windows) {
    const counted = usage.find(({ pool }) => pool === window.pool)
    if (counted) await correctUsed(batch.db, window, counted.used)
  }
}
