import { sealWith } from '#shared/cloud/seal.ts'
import { markGone, probeExtract } from '#shared/db/accounts.ts'
import { finishTasks } from '#shared/db/finish-tasks.ts'
import { createDueTasks } from '#shared/db/sync-jobs.ts'
import { type ClaimedTask, claimTasks, failWalks, waitTasks } from '#shared/db/sync-tasks.ts'
import type { AccessMode, Platform } from '#shared/model/account.ts'
import type { Connector } from '#shared/platforms/platform.ts'
import { ringsOf } from '#shared/queue/ymq-event.ts'
import type { Config } from '#shared/runtime/config.ts'
import { dataKey } from '#shared/runtime/data-key.ts'
import type { TimeLeft } from '#shared/runtime/handler.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import { inSpan } from '#shared/telemetry/span.ts'
import type { ExtractDeps } from './deps.ts'
import { extract } from './step.ts'

/** The connectors of one platform, by the right with which accounts are read. */
export interface Served {
  readonly platform: Platform
  /** null: the platform knows this right, and a setting for it is missing here. */
  readonly connectors: Readonly<Partial<Record<AccessMode, Connector | null>>>
}

const dueAtOnce = 5_000
const claimSize = 50

/**
 * A timer's tick is one probe: it makes tasks for accounts that are due and repairs what rings missed. A ring only
 * claims. Either way tasks are walked until none is due or time runs out; what is left is claimed by the next tick.
 */
export async function runExtract(
  deps: Omit<ExtractDeps, 'connector'>,
  { platform, connectors }: Served,
  event: unknown,
  timeLeft: TimeLeft,
): Promise<{ claimed: number }> {
  const { db } = deps
  if (ringsOf(event).length === 0) {
    const due = await probeExtract(db, platform)
    if (due.accounts)
      await createDueTasks(db, platform, { limit: dueAtOnce, fullWalkDays: deps.fullWalkDays })
    else if (!due.tasks) return { claimed: 0 }
  }
  let claimed = 0
  while (timeLeft()) {
    const tasks = await inSpan('claim', { attributes: { 'social_sync.of': 'tasks' } }, () =>
      claimTasks(db, platform, claimSize, deps.leaseS),
    )
    if (tasks.length === 0) break
    claimed += tasks.length
    for (const [mode, group] of Map.groupBy(tasks, (task) => task.access_mode))
      await askBy(deps, { platform, connectors }, mode, group, timeLeft)
  }
  if (claimed > 0) deps.log.info({ claimed }, 'accounts asked')
  return { claimed }
}

/** Walks tasks whose accounts are read by one right. */
function askBy(
  deps: Omit<ExtractDeps, 'connector'>,
  { platform, connectors }: Served,
  mode: AccessMode,
  tasks: readonly ClaimedTask[],
  timeLeft: TimeLeft,
): Promise<void> {
  const connector = connectors[mode]
  if (connector) return extract({ ...deps, connector }, tasks, timeLeft)
  if (connector === null) return waitForSettings(deps, platform, mode, tasks)
  return refuse(deps.db, platform, mode, tasks)
}

/** Nothing is wrong with these accounts: they wait for whoever runs this to mend the settings. */
async function waitForSettings(
  { db, log }: Pick<ExtractDeps, 'db' | 'log'>,
  platform: Platform,
  mode: AccessMode,
  tasks: readonly ClaimedTask[],
): Promise<void> {
  const error = `the settings for ${platform} accounts read by ${mode} are missing`
  log.error({ tasks: tasks.length }, error)
  await waitTasks(db, tasks, { reason: 'config', error, afterMs: 3_600_000, counts: false })
}

/** Accounts that nobody here can read: their tasks fail with the reason, and no more are made. */
async function refuse(
  db: ExtractDeps['db'],
  platform: Platform,
  mode: AccessMode,
  tasks: readonly ClaimedTask[],
): Promise<void> {
  const reason = `${platform} accounts cannot be read by ${mode} here`
  await markGone(
    db,
    tasks.map((task) => task.account_id),
    'unsupported',
    reason,
  )
  await failWalks(db, tasks, reason)
  await finishTasks(
    db,
    tasks.map((task) => task.id),
  )
}

type ExtractConfig = Pick<
  Config<'extract-youtube'>,
  | 'TRANSFORM_QUEUE_URL'
  | 'LEASE_SECONDS'
  | 'TASK_ATTEMPTS'
  | 'LOOK_BACK_DAYS'
  | 'FULL_WALK_DAYS'
  | 'REFRESH_DAYS'
  | 'CREDENTIALS_KEY'
  | 'CREDENTIALS_SEALED_KEY'
  | 'KMS_KEY_ID'
>

/** What every platform's extract needs beside its connectors. */
export function extractDeps(
  ports: Ports,
  config: ExtractConfig,
  ownQueueUrl: string,
): Omit<ExtractDeps, 'connector'> {
  return {
    db: ports.db,
    openSealed: async (sealed, about) => sealWith(await dataKey(ports, config)).open(sealed, about),
    ringTransform: ports.sender(config.TRANSFORM_QUEUE_URL),
    ringExtract: ports.sender(ownQueueUrl),
    log: ports.log,
    leaseS: config.LEASE_SECONDS,
    taskAttempts: config.TASK_ATTEMPTS,
    lookBackMs: config.LOOK_BACK_DAYS * 86_400_000,
    fullWalkDays: config.FULL_WALK_DAYS,
    refreshDays: config.REFRESH_DAYS,
    random: ports.random,
  }
}
