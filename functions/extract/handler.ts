import { sealWith } from '#shared/cloud/seal.ts'
import { probeExtract } from '#shared/db/accounts.ts'
import { type FaultPlace, faultOf, noteFault, type OpenFault } from '#shared/db/app-faults.ts'
import { finishTasks } from '#shared/db/finish-tasks.ts'
import { setAside } from '#shared/db/refusals.ts'
import { createDueTasks } from '#shared/db/sync-jobs.ts'
import {
  type ClaimedTask,
  claimTasks,
  failWalks,
  isUrgentDue,
  type Urgency,
  waitTasks,
} from '#shared/db/sync-tasks.ts'
import type { AccessMode, Platform } from '#shared/model/account.ts'
import type { Send } from '#shared/model/message.ts'
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

/** Those who wait for a sync have so long, and then the others a turn, and so on. */
const urgentMs = 3_000
/** How often is looked whether somebody waits. */
const lookEveryMs = 500

/**
 * A timer's tick is one probe: it makes tasks for accounts that are due and repairs what rings missed. A ring only
 * claims. Either way tasks are walked until none is due or time runs out; what is left is claimed by the next tick. Syncs
 * that somebody waits for come first, also those asked for while others are walked.
 */
export async function runExtract(
  given: Omit<HandlerDeps, 'serveUrgent' | 'keepOthers'>,
  served: Served,
  event: unknown,
  timeLeft: TimeLeft,
): Promise<{ claimed: number }> {
  const { db } = given
  const { platform } = served
  if (ringsOf(event).length === 0) {
    const due = await probeExtract(db, platform)
    if (due.accounts)
      await createDueTasks(db, platform, { limit: dueAtOnce, fullWalkDays: given.fullWalkDays })
    else if (!due.tasks) return { claimed: 0 }
  }
  const nothing = async () => undefined
  let [claimed, lookedAt] = [0, 0]
  const take = async (urgency: Urgency, deps: HandlerDeps, sliceMs: number): Promise<number> => {
    const tasks = await inSpan('claim', { attributes: { 'social_sync.of': 'tasks' } }, () =>
      claimTasks(db, platform, urgency, claimSize, deps.leaseS),
    )
    claimed += tasks.length
    for (const [mode, group] of Map.groupBy(tasks, (task) => task.access_mode)) {
      const since = performance.now()
      await askBy(
        deps,
        served,
        mode,
        group,
        (share) => timeLeft(share) && performance.now() - since < sliceMs,
      )
    }
    return tasks.length
  }
  // What a slice gives back is taken by the next: a ring would start another instance for it.
  const ringExtract: Send = async (rings) => (timeLeft() ? 0 : given.ringExtract(rings))
  const takeUrgent = (keepOthers: () => Promise<void>): Promise<number> =>
    take('urgent', { ...given, ringExtract, serveUrgent: nothing, keepOthers }, urgentMs)
  const serveUrgent = async (keepOthers: () => Promise<void>): Promise<void> => {
    if (performance.now() - lookedAt < lookEveryMs) return
    if (await isUrgentDue(db, platform)) await takeUrgent(keepOthers)
    lookedAt = performance.now()
  }
  const others: HandlerDeps = { ...given, serveUrgent, keepOthers: nothing }
  while (
    timeLeft() &&
    (await takeUrgent(nothing)) + (await take('others', others, Number.POSITIVE_INFINITY)) > 0
  );
  if (claimed > 0) given.log.info({ claimed }, 'accounts asked')
  return { claimed }
}

type HandlerDeps = Omit<ExtractDeps, 'connector'>

/** Walks tasks whose accounts are read by one right. */
async function askBy(
  deps: HandlerDeps,
  { platform, connectors }: Served,
  access_mode: AccessMode,
  tasks: readonly ClaimedTask[],
  timeLeft: TimeLeft,
): Promise<void> {
  const connector = connectors[access_mode]
  const place = { platform, access_mode }
  if (connector === null) return waitForSettings(deps, place, tasks)
  if (!connector) return refuse(deps.db, place, tasks)
  const fault = await faultOf(deps.db, place)
  if (!fault) return extract({ ...deps, connector }, access_mode, tasks, timeLeft)
  return askThoughRefused({ ...deps, connector }, place, fault, tasks, timeLeft)
}

/** So many accounts are asked about to see whether the platform answers the app again: one alone may be refused for its own sake. */
const probes = 3

/** The app was refused. When it is time, a few are asked about; the others wait, unless an answer was good. */
async function askThoughRefused(
  deps: ExtractDeps,
  place: FaultPlace,
  fault: OpenFault,
  tasks: readonly ClaimedTask[],
  timeLeft: TimeLeft,
): Promise<void> {
  const [probing, others] = fault.is_due ? [tasks.slice(0, probes), tasks.slice(probes)] : [[], tasks]
  if (probing.length > 0) await extract(deps, place.access_mode, probing, timeLeft, true)
  const still = probing.length > 0 ? await faultOf(deps.db, place) : fault
  if (!still) return extract(deps, place.access_mode, others, timeLeft)
  const afterMs = Math.max(still.wait_ms + 1_000, 60_000)
  const wait = { reason: 'credential', error: still.message, afterMs, counts: false }
  return waitTasks(deps.db, others, wait)
}

/** Nothing is wrong with these accounts: they wait for whoever runs this to mend the settings. */
async function waitForSettings(
  { db, log }: Pick<ExtractDeps, 'db' | 'log'>,
  place: FaultPlace,
  tasks: readonly ClaimedTask[],
): Promise<void> {
  const message = `the settings for ${place.platform} accounts read by ${place.access_mode} are missing`
  log.error({ tasks: tasks.length }, message)
  const remedy = 'add them and deploy again: README.md says what each access mode takes'
  await noteFault(db, { ...place, code: 'config', message, remedy })
  await waitTasks(db, tasks, { reason: 'config', error: message, afterMs: 3_600_000, counts: false })
}

/** Accounts that no connector here reads: their tasks fail with the reason. */
async function refuse(
  db: ExtractDeps['db'],
  place: FaultPlace,
  tasks: readonly ClaimedTask[],
): Promise<void> {
  const reason = `${place.platform} accounts cannot be read by ${place.access_mode} here`
  await setAside(
    db,
    place,
    tasks.map(({ account_id }) => ({ account_id, status: 'unsupported', reason })),
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
): Omit<ExtractDeps, 'connector' | 'serveUrgent' | 'keepOthers'> {
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
