import { probeExtract } from '#shared/db/accounts.ts'
import { createDueTasks } from '#shared/db/sync-jobs.ts'
import { claimTasks } from '#shared/db/sync-tasks.ts'
import { ringsOf } from '#shared/queue/ymq-event.ts'
import type { TimeLeft } from '#shared/runtime/handler.ts'
import { inSpan } from '#shared/telemetry/span.ts'
import type { ExtractDeps } from './deps.ts'
import { extract } from './step.ts'

const dueAtOnce = 5_000
const claimSize = 50

/**
 * A timer's tick is one probe: it makes tasks for accounts that are due and repairs what rings missed. A ring only
 * claims. Either way tasks are walked until none is due or time runs out; what is left is claimed by the next tick.
 */
export async function runExtract(
  deps: ExtractDeps,
  event: unknown,
  timeLeft: TimeLeft,
): Promise<{ claimed: number }> {
  const { db, connector } = deps
  if (ringsOf(event).length === 0) {
    const due = await probeExtract(db, connector.platform)
    if (due.accounts) await createDueTasks(db, connector.platform, dueAtOnce)
    else if (!due.tasks) return { claimed: 0 }
  }
  let claimed = 0
  while (timeLeft()) {
    const tasks = await inSpan('claim', { attributes: { 'social_sync.of': 'tasks' } }, () =>
      claimTasks(db, connector.platform, claimSize, deps.leaseS),
    )
    if (tasks.length === 0) break
    claimed += tasks.length
    await extract(deps, tasks, timeLeft)
  }
  if (claimed > 0) deps.log.info({ claimed }, 'accounts asked')
  return { claimed }
}
