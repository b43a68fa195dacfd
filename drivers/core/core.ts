import { createDue } from '#functions/extract/run.ts'
import { type MaintainOutcome, runMaintain } from '#functions/maintain/run.ts'
import { recordGauges } from '#functions/poll/gauges.ts'
import { runPoll } from '#functions/poll/run.ts'
import { makePartitions, migrate } from '#shared/db/migrate.ts'
import { type Db, openPool } from '#shared/db/pool.ts'
import { authority, type Ports } from '#shared/runtime/ports.ts'
import type { Logger } from '#shared/telemetry/logger.ts'
import { within } from '#shared/within.ts'
import { openRuns, type Runs } from './runs.ts'
import type { WorkerConfig } from './settings.ts'
import { budgets, openStages, type Stages } from './stages.ts'
import { openSteps, type TaskSteps } from './steps.ts'
import { openTracked } from './tracked.ts'

/** What a process of a driver does: the steps of tasks, and what is done for all of them. */
export interface Core extends TaskSteps {
  readonly db: Db
  readonly log: Logger
  /** Makes tasks for accounts whose time has come, some thousands at a time, each of which it hands over. Returns how many. */
  create(handOver: (taskIds: readonly string[]) => Promise<unknown>, signal?: AbortSignal): Promise<number>
  /** Asks about ML jobs, sends planned ones, and takes up what was left behind. Returns whether time ran out before jobs did. */
  poll(): Promise<boolean>
  /** Transforms what is stored, of whichever task. */
  transformDue(): Promise<void>
  maintain(): Promise<MaintainOutcome>
  /** Brings the schema to this release and makes partitions ahead; to be called before the first run. */
  prepare(): Promise<void>
  /** Calls the listener with tasks that became final by the end of an ML job. */
  whenEnded(listener: (taskIds: readonly string[]) => Promise<void>): void
  /** Whether a run is under way here. */
  isBusy(): boolean
  /** Stops the runs: what they hold goes back to the ledger with its place. Resolves when all have ended. */
  stop(): Promise<void>
}

/** Puts together all that a process does. */
export function openCore(ports: Ports, config: WorkerConfig): Core {
  const { db, log } = ports
  const owner = openOwner(ports, config)
  const stages = openStages(ports, config, owner)
  const stop = new AbortController()
  const tracked = openTracked(ports)
  let listener: Listener = async () => undefined
  const sayEnded: Listener = (ids) => listener(ids)
  const runs = openRuns({ stages, tracked, log, stop: stop.signal, sayEnded })
  return {
    ...{ db, log, isBusy: tracked.isBusy },
    ...openSteps({ db, ...runs }),
    create: (handOver, signal = stop.signal) =>
      tracked.run('create', () => createAll(stages, handOver, AbortSignal.any([signal, stop.signal]))),
    poll: () => tracked.run('poll', () => pollAll(ports, stages, runs, stop.signal, sayEnded)),
    transformDue: async () => {
      do await runs.transforming.join()
      while (runs.transforming.isUnderWay())
    },
    maintain: () => tracked.run('maintain', () => runMaintain(stages.maintain, stop.signal)),
    prepare: async () => {
      await migrate(owner)
      await makePartitions(owner)
    },
    whenEnded: (given) => {
      listener = given
    },
    stop: async () => {
      stop.abort()
      await tracked.settled()
      if (owner !== db) await owner.end()
    },
  }
}

type Listener = (taskIds: readonly string[]) => Promise<void>

/** Returns whether time ran out before jobs did. */
async function pollAll(
  { db, log, telemetry }: Ports,
  { poll }: Stages,
  { transforming, submitting, background }: Runs,
  stop: AbortSignal,
  sayEnded: Listener,
): Promise<boolean> {
  const { isMore, finished, pagesDue, submitDue, copiesDue } = await within(
    budgets.pollMs,
    stop,
    async (signal) => ({ ...(await runPoll(poll, signal)), isMore: signal.aborted && !stop.aborted }),
  )
  if (pagesDue) background(transforming)
  if (submitDue || copiesDue) background(submitting)
  const { enabled } = await telemetry()
  if (enabled) await recordGauges(db).catch((error) => log.warn({ error }, 'metrics could not be read'))
  await sayEnded(finished)
  return isMore
}

/** The database as the owner of its tables. */
export const openOwner = (
  { db }: Ports,
  { OWNER_DATABASE_URL: url, DATABASE_CA }: Pick<WorkerConfig, 'OWNER_DATABASE_URL' | 'DATABASE_CA'>,
): Db => (url === undefined ? db : openPool({ url, max: 1, ca: authority(DATABASE_CA) }))

/** A call makes so many tasks at most; it is repeated until it makes none. */
async function createAll(
  { extract }: Stages,
  handOver: (taskIds: readonly string[]) => Promise<unknown>,
  signal: AbortSignal,
): Promise<number> {
  let created = 0
  for (const deps of extract.values())
    for (let made = 1; made > 0 && !signal.aborted; ) {
      const ids = await createDue(deps)
      made = ids.length
      created += made
      if (made > 0) await handOver(ids)
    }
  return created
}
