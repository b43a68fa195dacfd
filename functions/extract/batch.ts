import type { ClaimedTask } from '#shared/db/operations/claim-tasks.ts'
import { finishTasks } from '#shared/db/operations/finish-tasks.ts'
import { endAskedRefreshes } from '#shared/db/operations/sync-jobs.ts'
import { StoreAway } from '#shared/errors.ts'
import type { AccessMode } from '#shared/model/account.ts'
import type { Connector } from '#shared/platforms/platform.ts'
import { aimAtDuePosts } from './aim-refreshes.ts'
import type { Batch, ExtractRun, Reader, Yielding } from './deps.ts'
import { type Hand, inHand, outcomeOf, takeInHand } from './hand.ts'
import { leaseKeeper } from './lease.ts'
import { giveBack, setFailed, setWaiting } from './outcome.ts'
import type { Steps } from './step.ts'
import { withTokens } from './tokens.ts'
import { settleRefused } from './verdict.ts'

/** By which right accounts are read, and how. */
export interface Reading {
  readonly run: ExtractRun
  readonly access_mode: AccessMode
  readonly connector: Connector
  readonly token: Reader['token']
  readonly yielding: Yielding
  readonly steps: Steps
}

/**
 * Reads claimed tasks step by step until each has ended, waits, or time runs out; then the rest is given back with its
 * place. Calls that carry many accounts or ids are made for all tasks in hand together.
 * @param isAppRefused whether the app was refused before: a good answer ends that
 */
export async function readBatch(
  reading: Reading,
  tasks: readonly ClaimedTask[],
  isAppRefused = false,
): Promise<void> {
  const batch = await openBatch(reading, tasks, isAppRefused)
  try {
    // Asked before the platform is: an answer that cannot be kept costs quota.
    await batch.bodies.check()
    await goThrough(batch, reading.steps)
  } catch (error) {
    if (!(error instanceof StoreAway)) throw error
    await waitForStore(batch, error)
  } finally {
    for (const hand of batch.hands) endSpan(hand)
  }
  noteEnds(batch)
  const ids = tasks.map((task) => task.id)
  if (tasks.some((task) => task.mode === 'refresh')) await endAskedRefreshes(batch.db, ids)
  batch.finished.push(...(await finishTasks(batch.db, ids)).finished)
}

async function openBatch(
  { run, access_mode, connector, token, yielding }: Reading,
  tasks: readonly ClaimedTask[],
  isAppRefused: boolean,
): Promise<Batch> {
  const fit = await withoutExhausted(run, tasks)
  const hands = (await withTokens(run, token, fit)).map(takeInHand)
  return {
    ...{ ...run, ...yielding, access_mode, connector, hands },
    goesOn: () => !run.signal.aborted && yielding.goesOn(),
    fared: { refused: [], answered: new Map(), isAppRefused },
    kept: { pages: 0 },
    keepLeases: leaseKeeper({ ...run, ...yielding }, hands),
  }
}

/**
 * Gives up tasks that were claimed too often without keeping a page: each probably kills the process that reads it.
 */
async function withoutExhausted(run: ExtractRun, tasks: readonly ClaimedTask[]): Promise<ClaimedTask[]> {
  const exhausted = tasks.filter((task) => task.attempts > run.taskAttempts)
  await setFailed(run, exhausted, `given up after ${run.taskAttempts} attempts without an answer kept`)
  return tasks.filter((task) => task.attempts <= run.taskAttempts)
}

/** Runs the steps in turns, so that ad-hoc syncs are read in between and every task makes progress. */
async function goThrough(batch: Batch, steps: Steps): Promise<void> {
  await aimAtDuePosts(batch)
  const parts = Object.values(steps)
  while (
    batch.goesOn() &&
    parts.some((step) => batch.hands.some((hand) => inHand(hand) && step.needs(hand)))
  ) {
    await batch.serveUrgent(batch.keepLeases)
    for (const step of parts) await step.turn(batch)
    await settleRefused(batch)
    await sayKept(batch)
  }
  const left = batch.hands.filter(inHand)
  if (left.length > 0)
    await giveBack(
      batch,
      left.map((hand) => hand.task),
    )
}

/** Nothing is wrong with these accounts: they wait until answers can be kept. */
async function waitForStore(batch: Batch, error: StoreAway): Promise<void> {
  const tasks = batch.hands.filter(inHand).map((hand) => hand.task)
  batch.log.warn({ error, tasks: tasks.length }, 'raw answers cannot be kept; accounts wait')
  const wait = { reason: 'store', error: error.message, afterMs: storeWaitMs, counts: false }
  await setWaiting(batch, tasks, wait)
}
const storeWaitMs = 60_000

/** Called outside of `guarded`: trouble of the listener is no verdict on an account. */
async function sayKept({ kept, onKept }: Batch): Promise<void> {
  const { pages } = kept
  kept.pages = 0
  if (pages > 0) await onKept(pages)
}

function endSpan({ span, state, cursor }: Hand): void {
  span.set({
    'social_sync.state': state,
    'social_sync.pages': cursor.page_no,
    'social_sync.walk': cursor.walk,
  })
  span.end()
}

function noteEnds({ hands, ends }: Batch): void {
  for (const { task, state, cursor } of hands) {
    const { id } = task
    const walk = outcomeOf(cursor)
    if (state === 'ended' && walk) ends.set(id, { id, state: 'walked', walk })
    if (state === 'lost') ends.set(id, { id, state: 'lost' })
  }
}
