import { endFault } from '#shared/db/app-faults.ts'
import { isDatabaseTrouble } from '#shared/db/pool.ts'
import {
  blockForDay,
  blockPool,
  correctUsed,
  exhaustWindow,
  type ReservedWindow,
  reserveQuota,
} from '#shared/db/quota-windows.ts'
import { AskAgain, RetryableError, TerminalError } from '#shared/errors.ts'
import { Lane } from '#shared/model/sync.ts'
import type { PoolUsage, Told } from '#shared/platforms/platform.ts'
import { inSpan } from '#shared/telemetry/span.ts'
import { type Call, OutOfQuota } from './call.ts'
import type { AskDeps } from './deps.ts'
import type { Hand } from './hand.ts'
import { isOwnRate } from './own-rate.ts'
import { record } from './record.ts'

/** A call for many came to nothing that may lie at one of them: it is made again for each half. */
export const split = Symbol('split')

/**
 * Reserves quota and makes one call for these hands. Returns undefined when it came to nothing: the verdict has then
 * been recorded on the tasks, and the hands are out, or held until refusals are weighed. `split` when one of many may be
 * at fault.
 */
export async function ask<Answer extends Told>(
  deps: AskDeps,
  hands: readonly Hand[],
  call: Call,
  make: () => Promise<Answer>,
): Promise<Answer | typeof split | undefined> {
  try {
    const links = hands.map((hand) => hand.span.traceparent)
    const attributes = { 'social_sync.tasks': hands.length }
    return await inSpan('look up', { links, attributes }, () => reserved(deps, hands, call, make))
  } catch (error) {
    // The database in trouble is no verdict on anybody: the claim ends by itself.
    if (isDatabaseTrouble(error)) throw error
    if (hands.length > 1 && mayLieAtOne(error, hands)) return split
    await record(deps, hands, call, error)
    return undefined
  }
}

/** Trouble of the other side lies at none of them, until it comes again and again. */
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
export async function reserved<Answer extends Told>(
  deps: AskDeps,
  hands: readonly Hand[],
  call: Call,
  make: () => Promise<Answer>,
): Promise<Answer> {
  for (let form = 1; ; form += 1) {
    try {
      return await reservedOnce(deps, hands, call, make)
    } catch (error) {
      if (!(error instanceof AskAgain) || form >= mostForms) throw error
      deps.log.warn({ error }, 'asking again in another form')
    }
  }
}

async function reservedOnce<Answer extends Told>(
  deps: AskDeps,
  hands: readonly Hand[],
  call: Call,
  make: () => Promise<Answer>,
): Promise<Answer> {
  const lane = Lane.options.find((option) => hands.some((hand) => hand.task.lane === option)) ?? 'backfill'
  await deps.keepLeases()
  const reservation = await reserveQuota(deps.db, call.need, lane)
  if (!reservation.granted) throw new OutOfQuota(reservation)
  let answer: Answer
  try {
    answer = await make()
  } catch (error) {
    throw await heeded(deps, hands, call, error, reservation.windows)
  }
  await correct(deps, reservation.windows, answer.usage ?? [])
  await noteAnswered(deps, hands, call)
  return answer
}

/** Closes the pool where the refusal is about it. Returns the verdict, which may turn out to be about the account alone. */
async function heeded(
  deps: AskDeps,
  hands: readonly Hand[],
  call: Call,
  error: unknown,
  [widest]: readonly ReservedWindow[],
): Promise<unknown> {
  if (!(error instanceof RetryableError) || !widest) return error
  const [hand, ...others] = hands
  if (error.reason === 'rate' && hand && others.length === 0) {
    const own = await isOwnRate(deps, hand, call, error)
    if (own) return own
  }
  if (error.scope === 'window') await exhaustWindow(deps.db, widest)
  if (error.scope === 'day') await blockForDay(deps.db, widest)
  if (error.scope === 'pool') await blockPool(deps.db, widest, error.poolPauseMs)
  return error
}

/** An answer is good: whatever the app was refused for is over. */
async function noteAnswered(deps: AskDeps, hands: readonly Hand[], { endpoint }: Call): Promise<void> {
  const answered = deps.fared.answered.get(endpoint) ?? new Set()
  for (const { task } of hands) answered.add(task.account_id)
  deps.fared.answered.set(endpoint, answered)
  if (!deps.fared.isAppRefused) return
  deps.fared.isAppRefused = false
  const { access_mode } = deps
  await endFault(deps.db, { platform: deps.connector.platform, access_mode })
  deps.log.info({ access_mode }, 'the platform answers the app again')
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
