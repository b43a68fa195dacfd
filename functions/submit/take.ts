import { expandPlans } from '#shared/db/operations/expand-plans.ts'
import type { Db } from '#shared/db/pool.ts'
import { type Claimed, claimToSubmit } from '#shared/db/tables/ml-jobs/sent.ts'

/** Pages whose jobs are made and sent at once: fifty posts have some hundred. */
const plannedPages = 1

interface Taken extends Claimed {
  /** Tasks that may be complete, since nothing was made for them. */
  readonly tasks: readonly string[]
  /** Nothing is left to be sent. */
  readonly isAll: boolean
}

/** Takes jobs that wait to be sent, so many at most; where none does, makes and takes those of a page that is planned. */
export async function takeJobs(db: Db, most: number): Promise<Taken> {
  const { jobs, unwanted } = await claimToSubmit(db, most)
  if (jobs.length + unwanted.length > 0) return { jobs, unwanted, tasks: [], isAll: false }
  const { plans, ...made } = await expandPlans(db, plannedPages)
  return { ...made, isAll: plans === 0 }
}
