import { type Db, isDatabaseTrouble } from '#shared/db/pool.ts'
import { isTaskDue, markTaskDone } from '#shared/db/tables/maintained.ts'
import { openRuns } from '#shared/db/tables/ml-jobs/answered.ts'
import { forgetOldRuns } from '#shared/db/tables/ml-runs.ts'
import { clock } from '#shared/db/views/clock.ts'
import type { Asking } from '#shared/ml/provider.ts'
import type { Logger } from '#shared/telemetry/logger.ts'

interface Tidying {
  readonly db: Db
  readonly log: Logger
  readonly askers: readonly Asking[]
}

const everyHours = 1

/** Has providers remove what no open job needs any more, each about once an hour. One that fails holds up nothing else. */
export async function tidyAll({ db, log, askers }: Tidying, signal: AbortSignal): Promise<void> {
  for (const { name, provider } of askers) {
    const task = `tidy ${name}`
    if (signal.aborted || !provider.tidy || !(await isTaskDue(db, task, everyHours))) continue
    // Marked first: what takes too long must not be begun again by each call.
    await markTaskDone(db, task)
    try {
      await forgetOldRuns(db)
      const failed = await provider.tidy((runs) => openRuns(db, runs), await clock(db), signal)
      if (failed.length > 0)
        log.warn({ error: failed[0], provider: name, failed: failed.length }, 'runs could not be removed')
    } catch (error) {
      if (isDatabaseTrouble(error)) throw error
      log.warn({ error, provider: name }, 'an ML provider could not be tidied up; tried again in an hour')
    }
  }
}
