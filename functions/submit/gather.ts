import { expandPlans } from '#shared/db/operations/expand-plans.ts'
import type { Db } from '#shared/db/pool.ts'
import { claimToSubmit, type Waiting, waitingToSend } from '#shared/db/tables/ml-jobs/claimed.ts'
import { leastPictures } from '#shared/ml/batch/lines.ts'
import type { Gathering } from '#shared/ml/provider.ts'
import type { MlRoute } from '#shared/model/ml-job.ts'
import type { Taken } from './take.ts'

/** Pages whose jobs are made at once. */
const plannedPages = 5

/**
 * Makes the jobs of all planned pages, and takes those of one kind of a provider whose runs have a price of their own, once there are
 * enough of them, or one has waited long. `until`: when that is.
 * @param room how many may be sent at this moment
 */
export async function gatherJobs(
  db: Db,
  routes: readonly MlRoute[],
  provider: string,
  { most, least, waitMs }: Pick<Gathering, 'most' | 'least' | 'waitMs'>,
  room: number,
  signal: AbortSignal,
): Promise<Taken> {
  const tasks: string[] = []
  let forOthers = false
  for (let plans = 1; plans > 0 && !signal.aborted; ) {
    // Made for no sender: they wait for one another.
    const made = await expandPlans(db, routes, '', plannedPages)
    plans = made.plans
    tasks.push(...made.tasks)
    forOthers ||= made.forOthers
  }
  const none = { jobs: [], unwanted: [], tasks, forOthers, isAll: true }
  const limit = Math.min(most, room)
  const waiting = await waitingToSend(db, provider, limit)
  const enough = ({ kind }: Waiting) => Math.min(least, most, kind === 'text' ? most : leastPictures)
  const endOf = ({ since }: Waiting) => new Date(since.getTime() + waitMs)
  const ready = waiting.find((one) => one.jobs >= enough(one) || endOf(one) <= one.now)
  if (ready) return { ...none, isAll: false, ...(await claimToSubmit(db, provider, limit, ready)) }
  const [until] = waiting.map(endOf).sort((a, b) => a.getTime() - b.getTime())
  return until ? { ...none, until } : none
}
