import { finishTasks } from '#shared/db/operations/finish-tasks.ts'
import { probePoll } from '#shared/db/operations/probe-poll.ts'
import type { Db } from '#shared/db/pool.ts'
import { releaseStrangers } from '#shared/db/tables/ml-jobs/strangers.ts'
import type { Asking } from '#shared/ml/provider.ts'
import type { MlRoute } from '#shared/model/ml-job.ts'
import { sideBySide } from '#shared/side-by-side.ts'
import type { Logger } from '#shared/telemetry/logger.ts'
import { earliest } from '#shared/time.ts'
import { within } from '#shared/within.ts'
import { type AskedOnce, type AskJobs, askOnce } from './step.ts'
import { tidyAll } from './tidy.ts'

/** All that completing ML jobs and repairing takes, put together once. */
export interface PollDeps {
  readonly db: Db
  readonly log: Logger
  readonly random: () => number
  /** Jobs of other providers are handed over, or given up at their deadline. */
  readonly askers: readonly Asking[]
  /** Who does the jobs of each kind. */
  readonly routes: readonly MlRoute[]
  /** Time for asking when jobs are to be sent as well. */
  readonly askMs: number
}

export interface PollOutcome {
  /** Jobs that were asked about. */
  readonly asked: number
  /** Tasks that became final. */
  readonly finished: readonly string[]
  /** When there is room to ask about jobs that are due. null: none was left for want of room. */
  readonly until: Date | null
  /** Planned jobs are due to be sent. */
  readonly submitDue: boolean
  /** Pictures are due to be copied. */
  readonly copiesDue: boolean
  /** Stored pages wait, and nothing rings for them. */
  readonly pagesDue: boolean
}

/**
 * Probes once and does what is due: asks about ML jobs batch after batch, and finishes their tasks and those left behind.
 * Returns what other stages have to do.
 */
export async function runPoll(deps: PollDeps, signal: AbortSignal): Promise<PollOutcome> {
  const due = await probePoll(deps.db)
  const tasks = new Set(due.tasks)
  if (due.ask || due.submit) {
    const names = deps.askers.map(({ name }) => name)
    for (const task of await releaseStrangers(deps.db, names, deps.routes)) tasks.add(task)
  }
  const ms = due.submit ? deps.askMs : Number.POSITIVE_INFINITY
  const asked = due.ask
    ? await within(ms, signal, (share) =>
        sideBySide(deps.askers, (asker) => askAll({ ...deps, ...asker }, share)),
      )
    : []
  for (const task of asked.flatMap((one) => one.tasks)) tasks.add(task)
  const { finished } = await finishTasks(deps.db, [...tasks])
  await tidyAll(deps, signal)
  return {
    asked: asked.reduce((sum, one) => sum + one.asked, 0),
    ...{ finished, until: earliest(asked), submitDue: due.submit, pagesDue: due.pages },
    copiesDue: due.copies,
  }
}

/** Batch after batch, until no job of the provider is due. */
async function askAll(asking: AskJobs, signal: AbortSignal): Promise<Omit<AskedOnce, 'more'>> {
  const tasks: string[] = []
  let asked = 0
  let until: Date | null = null
  for (let more = true; more && !signal.aborted; ) {
    const answered = await askOnce(asking, signal)
    tasks.push(...answered.tasks)
    asked += answered.asked
    more = answered.more
    until = answered.until
  }
  return { tasks, asked, until }
}
