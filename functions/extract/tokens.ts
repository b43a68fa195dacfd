import type { ClaimedTask } from '#shared/db/operations/claim-tasks.ts'
import { noteFault } from '#shared/db/tables/app-faults.ts'
import { credentialsOf, type HeldCredential, sealedAbout } from '#shared/db/tables/credentials.ts'
import { setAside } from '#shared/db/tables/refusals.ts'
import { messageOf } from '#shared/errors.ts'
import { parseTokens } from '#shared/model/credential.ts'
import type { ExtractRun, Reader } from './deps.ts'
import { setFailed, setWaiting } from './outcome.ts'

/** A claimed task with all it takes to ask about its account. */
export interface AskableTask extends ClaimedTask {
  readonly token: string | null
}

const waitMs = 15 * 60_000

/**
 * Opens the tokens of claimed tasks, where it takes one: of each account, or one that serves many. A task whose token has
 * expired waits with the reason, since only maintain refreshes; one whose owner must consent again fails; the others go on.
 */
export async function withTokens(
  run: ExtractRun,
  kind: Reader['token'],
  tasks: readonly ClaimedTask[],
): Promise<AskableTask[]> {
  if (kind === null) return tasks.map((task) => ({ ...task, token: null }))
  const held = await credentialsOf(
    run.db,
    tasks.map((task) => task.account_id),
  )
  const byAccount = new Map(held.map((credential) => [credential.for_account, credential]))
  const opened = await Promise.all(
    tasks.map(async (task) => ({ task, ...(await openToken(run, kind, byAccount.get(task.account_id))) })),
  )
  const faulty = opened.flatMap((one) => ('fault' in one ? [one] : []))
  for (const group of Map.groupBy(faulty, ({ fault }) => fault).values()) await giveUp(run, kind, group)
  return opened.flatMap((one) => ('fault' in one ? [] : [{ ...one.task, token: one.token }]))
}

interface Fault {
  readonly fault: string
  /** Only a person can mend it. Otherwise the task is tried again later. */
  readonly isLasting: boolean
}

async function openToken(
  run: ExtractRun,
  kind: Reader['token'],
  credential: HeldCredential | undefined,
): Promise<{ readonly token: string } | Fault> {
  if (!credential) return { fault: 'there is no token for this account', isLasting: true }
  if (credential.status !== 'ok') return { fault: 'its owner must grant access again', isLasting: true }
  // Only tokens of owners are renewed.
  if (credential.expired && kind === 'shared') return { fault: 'it has expired', isLasting: true }
  if (credential.expired)
    return { fault: 'its access token has expired and was not refreshed yet', isLasting: false }
  try {
    const about = sealedAbout(credential.platform, credential.account_id)
    const tokens = parseTokens(await run.openSealed(credential.sealed, about))
    return tokens ? { token: tokens.access } : { fault: 'what is sealed is no token', isLasting: true }
  } catch (error) {
    return { fault: messageOf(error), isLasting: false }
  }
}

/**
 * Handles tasks with the same fault. A lasting one sets accounts aside or, with a shared token, is noted as a fault of the app.
 */
async function giveUp(
  run: ExtractRun,
  kind: Reader['token'],
  group: readonly (Fault & { readonly task: ClaimedTask })[],
): Promise<void> {
  const [first] = group
  if (!first) return
  const { fault, isLasting } = first
  const tasks = group.map(({ task }) => task)
  run.log.warn({ tasks: tasks.map(({ id }) => id), fault }, 'tasks have no token to go on with')
  if (isLasting) return kind === 'own' ? refuseOwn(run, tasks, fault) : waitForShared(run, tasks, fault)
  return setWaiting(run, tasks, { reason: 'token', error: fault, afterMs: waitMs, counts: false })
}

/** Only their owners can help. */
async function refuseOwn(run: ExtractRun, tasks: readonly ClaimedTask[], reason: string): Promise<void> {
  const aside = tasks.map(({ account_id }) => ({ account_id, status: 'reauth_required', reason }))
  await setAside(run.db, { platform: run.platform, access_mode: 'own_oauth' }, aside)
  await setFailed(run, tasks, reason)
}

/** A token that serves many accounts is no fault of theirs: they wait until it is mended. */
async function waitForShared(run: ExtractRun, tasks: readonly ClaimedTask[], message: string): Promise<void> {
  const { platform, appRemedy: remedy } = run
  const [{ access_mode } = { access_mode: 'public_discovery' as const }] = tasks
  await noteFault(run.db, {
    platform,
    access_mode,
    code: 'config',
    message: `the shared token: ${message}`,
    remedy,
  })
  await setWaiting(run, tasks, { reason: 'config', error: message, afterMs: 3_600_000, counts: false })
}
