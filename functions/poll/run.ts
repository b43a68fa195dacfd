import { finishTasks } from '#shared/db/operations/finish-tasks.ts'
import { probePoll } from '#shared/db/operations/probe-poll.ts'
import type { Db } from '#shared/db/pool.ts'
import type { Asking } from '#shared/ml/provider.ts'
import type { Logger } from '#shared/telemetry/logger.ts'
import { within } from '#shared/within.ts'
import { askOnce } from './step.ts'

/** All that completing ML jobs and repairing takes, put together once. */
export interface PollDeps {
  readonly db: Db
  readonly log: Logger
  readonly random: () => number
  /** undefined: there is no ML provider, and its jobs wait for one. */
  readonly ml: Asking | undefined
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
  let asked = 0
  let until: Date | null = null
  if (due.ask && deps.ml) {
    const asking = { ...deps, ...deps.ml }
    const ms = due.submit ? deps.askMs : Number.POSITIVE_INFINITY
    await within(ms, signal, async (share) => {
      for (let more = true; more && !share.aborted; ) {
        const answered = await askOnce(asking, share)
        for (const task of answered.tasks) tasks.add(task)
        asked += answered.asked
        more = answered.more
        until = answered.until
      }
    })
  }
  const { finished } = await finishTasks(deps.db, [...tasks])
  return { asked, finished, until, submitDue: due.submit, pagesDue: due.pages }
}
