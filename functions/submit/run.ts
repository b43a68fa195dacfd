import { finishTasks } from '#shared/db/operations/finish-tasks.ts'
import type { Db } from '#shared/db/pool.ts'
import { tasksOfJobs } from '#shared/db/tables/ml-jobs/attempts.ts'
import type { MediaDoor } from '#shared/media/address.ts'
import type { Bucket } from '#shared/media/bucket.ts'
import type { Sending } from '#shared/ml/provider.ts'
import type { MlRoute } from '#shared/model/ml-job.ts'
import { sideBySide } from '#shared/side-by-side.ts'
import { earliest } from '#shared/time.ts'
import { sendAll } from './send-all.ts'
import type { JobProblem, SendRun } from './send-run.ts'

/** All that sending planned jobs needs, put together once. */
export interface SubmitDeps {
  readonly db: Db
  readonly random: () => number
  readonly senders: readonly Sending[]
  /** Who does the jobs of each kind. */
  readonly routes: readonly MlRoute[]
  /** Where pictures are handed out; absent: providers are given the platforms' own links. */
  readonly media?: MediaDoor | undefined
  /** Where copies of pictures are; absent: none are made. */
  readonly bucket?: Bucket | undefined
  /** Whether results are taken over from pictures that look the same. */
  readonly byLooks?: boolean
}

export interface SubmitOutcome {
  /** Jobs that the provider has taken. */
  readonly sent: number
  /** Jobs that failed for good, and why. */
  readonly failed: readonly JobProblem[]
  /** Jobs whose answer was lost: the next attempt is planned in their place, and may be paid for a second time. */
  readonly replaced: readonly string[]
  /** Tasks that became final by that. */
  readonly finished: readonly string[]
  /** When there is room for the jobs that are still planned. null: none was left for want of room. */
  readonly until: Date | null
}

/**
 * Makes the jobs of planned contents and sends them, batch after batch and to all providers side by side, until none is due,
 * there is no room, or the signal aborts. The rows were written before: a process that dies here leaves them leased, to be sent
 * again with the same key.
 *
 * The other jobs of a batch show whether the provider or one job is in trouble: when the provider accepts none, the pool
 * closes and no job has spent an attempt. After that a call that costs nothing shows whether it is back.
 */
export async function runSubmit(deps: SubmitDeps, signal: AbortSignal): Promise<SubmitOutcome> {
  const { senders, ...rest } = deps
  const runs = senders.map(
    (sender): SendRun => ({
      ...{ ...rest, ...sender, signal, tasks: [], unwanted: [], failed: [], replaced: [] },
      ...{ sent: 0, until: null, forOthers: false, reserved: undefined },
    }),
  )
  do {
    for (const run of runs) run.forOthers = false
    await sideBySide(runs, sendAll)
  } while (runs.some(({ forOthers }) => forOthers) && !signal.aborted)
  const all = <Of extends 'failed' | 'replaced' | 'tasks' | 'unwanted'>(list: Of) =>
    runs.flatMap((run): SendRun[Of][number][] => [...run[list]])
  const settled = [...all('failed').map(({ id }) => id), ...all('replaced'), ...all('unwanted')]
  const { finished } = await finishTasks(deps.db, [...all('tasks'), ...(await tasksOfJobs(deps.db, settled))])
  const sent = runs.reduce((sum, run) => sum + run.sent, 0)
  return { sent, failed: all('failed'), replaced: all('replaced'), finished, until: earliest(runs) }
}
