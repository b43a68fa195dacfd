import { runCopy } from '#functions/copy/run.ts'
import { createDue, runExtract } from '#functions/extract/run.ts'
import { type MaintainOutcome, runMaintain } from '#functions/maintain/run.ts'
import { recordGauges } from '#functions/poll/gauges.ts'
import { runPoll } from '#functions/poll/run.ts'
import { runSubmit } from '#functions/submit/run.ts'
import { runTransform } from '#functions/transform/run.ts'
import { type Db, openPool } from '#shared/db/pool.ts'
import type { Platform } from '#shared/model/account.ts'
import { platformNames } from '#shared/platforms/index.ts'
import { authority, type Ports } from '#shared/runtime/ports.ts'
import type { Logger } from '#shared/telemetry/logger.ts'
import { within } from '#shared/within.ts'
import type { WorkerConfig } from './settings.ts'
import { type SharedRun, sharedRun } from './shared-run.ts'
import { budgets, openStages, type Stages } from './stages.ts'
import { openSteps, type TaskSteps } from './steps.ts'
import { openTracked } from './tracked.ts'

/** What a process of a driver does: the steps of tasks, and what is done for all of them. */
export interface Core extends TaskSteps {
  readonly db: Db
  readonly log: Logger
  /** Makes tasks for accounts whose time has come, on all platforms or on one. Returns them. */
  create(platforms?: readonly Platform[]): Promise<string[]>
  /** Asks about ML jobs, sends planned ones, and takes up what was left behind. Returns whether time ran out before jobs did. */
  poll(): Promise<boolean>
  maintain(): Promise<MaintainOutcome>
  /** Calls the listener with tasks that became final by the end of an ML job. */
  whenEnded(listener: (taskIds: readonly string[]) => Promise<void>): void
  /** Whether a run is under way here. */
  isBusy(): boolean
  /** Stops the runs: what they hold goes back to the ledger with its place. Resolves when all have ended. */
  stop(): Promise<void>
}

/**
 * The runs of all stages in one process. Runs call each other on: pages that are kept are transformed while their list is read on, and
 * jobs that a transform planned are sent.
 */
export function openCore(ports: Ports, config: WorkerConfig): Core {
  const { db, log } = ports
  const owner = openOwner(ports, config)
  const stages = openStages(ports, config, owner)
  const stop = new AbortController()
  const tracked = openTracked(ports)
  const background = (run: SharedRun) =>
    void run
      .join()
      .catch((error: unknown) => log.error({ error }, 'a run failed; it is begun again when due'))

  let sayEnded = async (_ids: readonly string[]) => undefined as unknown
  const submitting = sharedRun(() =>
    tracked.run('submit', async () => void (await sayEnded(await submitPlanned(stages, stop.signal)))),
  )
  const transforming = sharedRun(() =>
    tracked.run('transform', async () => {
      const { planned } = await runTransform(stages.transform, { of: 'due' }, stop.signal)
      if (planned > 0) background(submitting)
    }),
  )
  const extracting = new Map(
    [...stages.extract].map(([platform, deps]) => {
      const onKept = async () => background(transforming)
      const read = () => runExtract(deps, { of: 'due', create: false }, stop.signal, onKept)
      return [platform, sharedRun(() => tracked.run(`extract-${platform}`, read).then(() => undefined))]
    }),
  )
  const polling = async () => {
    let isMore = false
    const { finished, pagesDue, submitDue, copiesDue } = await within(
      budgets.pollMs,
      stop.signal,
      async (signal) => {
        const outcome = await runPoll(stages.poll, signal)
        isMore = signal.aborted
        return outcome
      },
    )
    if (pagesDue) background(transforming)
    if (submitDue || copiesDue) background(submitting)
    const { enabled } = await ports.telemetry()
    if (enabled) await recordGauges(db).catch((error) => log.warn({ error }, 'metrics could not be read'))
    await sayEnded(finished)
    return isMore
  }
  const steps = openSteps({
    db,
    transforming,
    submitting,
    extracting: (platform) => runOf(extracting, platform),
  })
  return {
    ...steps,
    ...{ db, log },
    create: (platforms = platformNames) =>
      tracked.run('create', () => createAll(stages, platforms, stop.signal)),
    poll: () => tracked.run('poll', polling),
    maintain: () => tracked.run('maintain', () => runMaintain(stages.maintain, stop.signal)),
    whenEnded: (listener) => {
      sayEnded = listener
    },
    isBusy: tracked.isBusy,
    stop: async () => {
      stop.abort()
      await tracked.settled()
      if (owner !== db) await owner.end()
    },
  }
}

/** The database as the owner of its tables. */
const openOwner = ({ db }: Ports, { OWNER_DATABASE_URL: url, DATABASE_CA }: WorkerConfig): Db =>
  url === undefined ? db : openPool({ url, max: 1, ca: authority(DATABASE_CA) })

function runOf(runs: ReadonlyMap<Platform, SharedRun>, platform: Platform): SharedRun {
  const run = runs.get(platform)
  if (!run) throw new Error(`there is no platform ${platform} here`)
  return run
}

/** A call makes so many tasks at most; it is repeated until it makes none. */
async function createAll(
  { extract }: Stages,
  platforms: readonly Platform[],
  signal: AbortSignal,
): Promise<string[]> {
  const created: string[] = []
  for (const platform of platforms) {
    const deps = extract.get(platform)
    for (let made = 1; deps && made > 0 && !signal.aborted; ) {
      const ids = await createDue(deps)
      created.push(...ids)
      made = ids.length
    }
  }
  return created
}

/** Returns the tasks that became final by it. */
async function submitPlanned({ copy, submit }: Stages, signal: AbortSignal): Promise<readonly string[]> {
  if (copy) await within(0.2 * budgets.pollMs, signal, (share) => runCopy(copy, share))
  return (await within(budgets.pollMs, signal, (share) => runSubmit(submit, share))).finished
}
