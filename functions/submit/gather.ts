import { expandPlans } from '#shared/db/operations/expand-plans.ts'
import type { Db } from '#shared/db/pool.ts'
import { claimToSubmit, waitingToSend } from '#shared/db/tables/ml-jobs/sent.ts'
import type { Gathering } from '#shared/ml/provider.ts'
import type { MlRoute } from '#shared/model/ml-job.ts'
import type { Taken } from './take.ts'

/** Pages whose jobs are made at once. */
const plannedPages = 5

/**
 * Makes the jobs of all planned pages, and takes those of a provider whose runs have a price of their own once there are enough of
 * them, or one has waited long. `until`: when that is.
 */
export async function gatherJobs(
  db: Db,
  routes: readonly MlRoute[],
  provider: string,
  { most, least, waitMs }: Pick<Gathering, 'most' | 'least' | 'waitMs'>,
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
  const { jobs, since, now } = await waitingToSend(db, provider, most)
  if (jobs === 0 || since === null) return none
  const until = new Date(since.getTime() + waitMs)
  if (jobs < Math.min(least, most) && now < until) return { ...none, until }
  return { ...none, isAll: false, ...(await claimToSubmit(db, provider, most)) }
}
