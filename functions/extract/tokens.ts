import { credentialsOf, type HeldCredential, sealedAbout } from '#shared/db/credentials.ts'
import { type ClaimedTask, waitTasks } from '#shared/db/sync-tasks.ts'
import { messageOf } from '#shared/errors.ts'
import type { AccessMode } from '#shared/model/account.ts'
import { Tokens } from '#shared/model/credential.ts'
import type { ExtractDeps } from './deps.ts'

/** A claimed task with all it takes to ask about its account. */
export interface AskableTask extends ClaimedTask {
  readonly token: string | null
}

const needsToken: ReadonlySet<AccessMode> = new Set(['own_oauth', 'public_discovery', 'research'])
const waitMs = 15 * 60_000

/**
 * Opens the tokens of claimed tasks. A task whose token is missing, expired or unreadable waits with the reason, since
 * only maintain refreshes; the others go on.
 */
export async function withTokens(deps: ExtractDeps, tasks: readonly ClaimedTask[]): Promise<AskableTask[]> {
  const wanting = tasks.filter((task) => needsToken.has(task.access_mode))
  const held = await credentialsOf(
    deps.db,
    wanting.map((task) => task.account_id),
  )
  const byAccount = new Map(held.map((credential) => [credential.for_account, credential]))
  const askable: AskableTask[] = []
  for (const task of tasks) {
    const opened = needsToken.has(task.access_mode)
      ? openToken(deps, byAccount.get(task.account_id))
      : { token: null }
    if ('fault' in opened) await wait(deps, task, opened.fault)
    else askable.push({ ...task, token: opened.token })
  }
  return askable
}

function openToken(
  deps: ExtractDeps,
  credential: HeldCredential | undefined,
): { token: string } | { fault: string } {
  if (!credential) return { fault: 'there is no token for this account' }
  if (credential.status !== 'ok') return { fault: 'its owner must grant access again' }
  if (credential.expired) return { fault: 'its access token has expired and was not refreshed yet' }
  try {
    const about = sealedAbout(credential.platform, credential.account_id)
    return { token: Tokens.parse(JSON.parse(deps.openSealed(credential.sealed, about))).access }
  } catch (error) {
    return { fault: messageOf(error) }
  }
}

function wait(deps: ExtractDeps, task: ClaimedTask, fault: string): Promise<void> {
  deps.log.warn({ task: task.id, fault }, 'a task waits for a token')
  return waitTasks(deps.db, [task], { reason: 'credential', error: fault, afterMs: waitMs, counts: false })
}
