import { expandPlans } from '#shared/db/operations/expand-plans.ts'
import type { Db } from '#shared/db/pool.ts'
import { type Claimed, claimToSubmit } from '#shared/db/tables/ml-jobs/claimed.ts'
import type { Sending } from '#shared/ml/provider.ts'
import type { MlRoute } from '#shared/model/ml-job.ts'

/** Pages whose jobs are made and sent at once: fifty posts have some hundred. */
const plannedPages = 1

export interface Taken extends Claimed {
  /** Tasks that may be complete, since nothing was made for them. */
  readonly tasks: readonly string[]
  /** Whether jobs were made that other providers are to be sent. */
  readonly forOthers: boolean
  /** Nothing is left to be sent now. */
  readonly isAll: boolean
  /** When what waits for others is sent, however few they are. */
  readonly until?: Date
}

/**
 * Takes jobs that wait to be sent to a provider, so many at most; where none does, makes those of a page that is planned, and takes
 * the provider's own.
 */
export async function takeJobs(
  db: Db,
  routes: readonly MlRoute[],
  { name, provider }: Pick<Sending, 'name' | 'provider'>,
  most: number,
): Promise<Taken> {
  const { jobs, unwanted } = await claimToSubmit(db, name, most)
  if (jobs.length + unwanted.length > 0) return { jobs, unwanted, tasks: [], forOthers: false, isAll: false }
  // Where they are taken in small numbers they are made for no sender.
  const { plans, ...made } = await expandPlans(db, routes, provider.idempotent ? name : '', plannedPages)
  return { ...made, isAll: plans === 0 }
}
