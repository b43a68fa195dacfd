import { appIsRefused, noteFault } from '#shared/db/tables/app-faults.ts'
import { reserveQuota } from '#shared/db/tables/quota-windows.ts'
import { type RefusedAccount, setAside, weighRefusals } from '#shared/db/tables/refusals.ts'
import { AccountGone, AppFault, messageOf, RetryableError, TerminalError } from '#shared/errors.ts'
import { backoffMs } from '#shared/http/backoff.ts'
import type { Cursor } from '#shared/model/sync.ts'
import { type Call, OutOfQuota } from './call.ts'
import type { Batch, Refused } from './deps.ts'
import { type Hand, isHeld, moveAll } from './hand.ts'
import { setFailed, setWaiting, setWaitingForPool } from './outcome.ts'

/**
 * Turns a verdict into the state of the tasks, which are settled then. A refusal that may be weighed against those of
 * other accounts is kept until `settleRefused`.
 */
export async function record(
  batch: Batch,
  hands: readonly Hand[],
  call: Call,
  error: unknown,
): Promise<void> {
  for (const { span } of hands) span.set({ 'social_sync.verdict': messageOf(error).slice(0, 200) })
  batch.log.warn({ error, tasks: hands.map(({ task }) => task.id) }, 'a call came to nothing')
  if (error instanceof AccountGone && error.code === null) return foundOut(batch, hands, call, error)
  if (isWeighed(error)) {
    for (const hand of hands) {
      hand.state = 'refused'
      batch.fared.refused.push({ hand, ...call, error, code: error.code ?? '' })
    }
    return
  }
  await carryOut(batch, hands, call, error)
}

/** What we found out ourselves says nothing about the app: it counts at once. */
async function foundOut(batch: Batch, hands: readonly Hand[], call: Call, error: AccountGone): Promise<void> {
  const { access_mode, platform } = batch
  const ids = hands.map(({ task }) => task.account_id)
  const accounts = ids.map((account_id) => ({ account_id, status: error.status, reason: error.message }))
  await setAside(batch.db, { platform, access_mode }, accounts)
  await carryOut(batch, hands, call, error, new Set(ids))
}

function isWeighed(error: unknown): error is Refused['error'] {
  if (error instanceof AccountGone) return true
  return error instanceof RetryableError && error.scope === 'call' && error.code !== null
}

/** Weighs what was refused alike by one call, and carries out what that comes to. */
export async function settleRefused(batch: Batch): Promise<void> {
  const refused = batch.fared.refused.splice(0)
  const alike = Map.groupBy(refused, ({ endpoint, code }) => `${endpoint} ${code}`)
  for (const group of alike.values()) await settleAlike(batch, group)
}

async function settleAlike(batch: Batch, group: readonly Refused[]): Promise<void> {
  const [first] = group
  if (!first) return
  const { endpoint, code, error } = first
  const { access_mode, platform, appRemedy: remedy } = batch
  const weighed = await weighRefusals(batch.db, {
    ...{ platform, access_mode, endpoint, code },
    accounts: group.map(accountOf),
    answered: batch.fared.answered.get(endpoint)?.size ?? 0,
    fault: { message: `accounts are refused alike: ${error.message}`, remedy },
  })
  if (weighed.fault === 'app') {
    batch.fared.isAppRefused = true
    batch.log.error({ platform, access_mode, code, accounts: group.length }, `the app is refused: ${remedy}`)
    const hands = group.map(({ hand }) => hand)
    return waitForApp(batch, hands)
  }
  for (const one of group) await carryOut(batch, [one.hand], one, one.error, weighed.aside)
}

function accountOf({ hand, error }: Refused): RefusedAccount {
  const isGone = error instanceof AccountGone
  return {
    account_id: hand.task.account_id,
    status: isGone ? error.status : null,
    reason: error.message,
    is_certain: isGone && error.isCertain,
    proves: hand.task.native_id !== null || !isGone || !['missing', 'unsupported'].includes(error.status),
  }
}

async function carryOut(
  batch: Batch,
  hands: readonly Hand[],
  call: Call,
  error: unknown,
  aside: ReadonlySet<string> = new Set(),
): Promise<void> {
  const tasks = hands.map((hand) => hand.task)
  if (error instanceof OutOfQuota) await waitForWindow(batch, hands, error)
  else if (error instanceof AppFault) await waitForSpecifiedApp(batch, hands, call, error)
  else if (error instanceof RetryableError && error.scope !== 'call')
    await waitForVerdict(batch, hands, call, error)
  else if (error instanceof AccountGone && error.status === 'missing') await endAsMissing(batch, hands)
  else if (error instanceof TerminalError) await setFailed(batch, tasks, saying(error, tasks, aside))
  else await retryLater(batch, hands, error)
  for (const hand of hands) if (isHeld(hand)) hand.state = 'settled'
}

/** A refusal that has yet to be seen a second time says so. */
const saying = (
  error: TerminalError,
  tasks: readonly { readonly account_id: string }[],
  aside: ReadonlySet<string>,
) =>
  error instanceof AccountGone && tasks.some(({ account_id }) => !aside.has(account_id))
    ? `${error.message}; asked once more tomorrow before the account is called ${error.status}`
    : error.message

function waitForWindow(batch: Batch, hands: readonly Hand[], { refusal }: OutOfQuota): Promise<void> {
  const { window, opens_at, period_s } = refusal
  const carries = Math.max(1, Math.floor(window.limit / 2))
  const wait = { pool: window.pool, reason: 'quota', error: null, opens_at, period_s, carries }
  return setWaitingForPool(
    batch,
    hands.map((hand) => hand.task),
    wait,
  )
}

/** The platform says itself that the app is at fault. */
async function waitForSpecifiedApp(
  batch: Batch,
  hands: readonly Hand[],
  call: Call,
  error: AppFault,
): Promise<void> {
  const { access_mode, platform, appRemedy: remedy } = batch
  await noteFault(batch.db, { platform, access_mode, code: 'app', message: error.message, remedy })
  batch.fared.isAppRefused = true
  batch.log.error({ error, platform, access_mode }, `the app is refused: ${remedy}`)
  await waitForVerdict(batch, hands, call, error)
}

/** Longer than until the next look, so that others than those refused are asked about then. */
const appWaitMs = 4_200_000

/** Its accounts keep their state, and wait until one of them is answered well again. */
async function waitForApp(batch: Batch, hands: readonly Hand[]): Promise<void> {
  const wait = { reason: 'credential', error: appIsRefused, afterMs: appWaitMs, counts: false }
  await setWaiting(
    batch,
    hands.map((hand) => hand.task),
    wait,
  )
  for (const hand of hands) hand.state = 'settled'
}

/** The platform answered that there is no such account: the walk has ended and nothing failed. */
async function endAsMissing(batch: Batch, hands: readonly Hand[]): Promise<void> {
  const ended = (hand: Hand): Cursor => ({ ...hand.cursor, profile: true, pending: [], ended: 'missing' })
  await moveAll(
    batch,
    hands.map((hand) => ({ hand, cursor: ended(hand) })),
  )
}

/** The pool was closed by the platform: wait until it opens, without counting an attempt. */
async function waitForVerdict(
  batch: Batch,
  hands: readonly Hand[],
  { need }: Call,
  error: RetryableError,
): Promise<void> {
  const probe = await reserveQuota(batch.db, { ...need, units: 0 }, 'ad-hoc')
  const tasks = hands.map((hand) => hand.task)
  const wait = { reason: error.reason, error: error.message }
  if (probe.granted) return setWaiting(batch, tasks, { ...wait, afterMs: error.poolPauseMs, counts: false })
  const { window, opens_at, period_s } = probe
  const carries = Math.max(1, Math.floor(window.limit / 2))
  return setWaitingForPool(batch, tasks, { ...wait, pool: window.pool, opens_at, period_s, carries })
}

async function retryLater(batch: Batch, hands: readonly Hand[], error: unknown): Promise<void> {
  const known = error instanceof RetryableError ? error : undefined
  const counts = known?.counts ?? true
  const most = Math.min(batch.taskAttempts, known?.most ?? batch.taskAttempts)
  for (const { task, attempts } of hands) {
    if (counts && attempts >= most) {
      await setFailed(batch, [task], `given up after ${attempts} attempts: ${messageOf(error)}`)
      continue
    }
    const backOff = backoffMs(Math.max(1, attempts), 60_000, 6 * 3_600_000, batch.random())
    const afterMs = Math.max(known?.afterMs ?? 0, backOff)
    await setWaiting(batch, [task], {
      reason: known?.reason ?? 'error',
      error: messageOf(error),
      afterMs,
      counts,
    })
  }
}
