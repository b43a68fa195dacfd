import { note } from '#shared/db/audit-log.ts'
import { finishTasks } from '#shared/db/finish-tasks.ts'
import { endedInVain } from '#shared/db/job-list.ts'
import type { Db } from '#shared/db/pool.ts'
import { createJob } from '#shared/db/sync-jobs.ts'
import { Problem } from '#shared/http/problem.ts'
import type { Platform } from '#shared/model/account.ts'
import { notFound } from './route.ts'
import { joinAll } from './start-sync.ts'

/**
 * A request of its own for the accounts of another one that failed or were cancelled, in the mode of that one. Throws a
 * Problem 404, or 409 when none is to be asked again.
 */
export async function retrySync(
  db: Db,
  id: string,
  actor: string,
): Promise<{ jobId: string; platforms: ReadonlySet<Platform> }> {
  const ended = await endedInVain(db, id)
  if (!ended) throw notFound('such sync')
  if (ended.accounts.length === 0) {
    const hint = 'no account of it failed or was cancelled; parked work is redriven at /v1/parked/redrive'
    throw new Problem(409, 'nothing_to_retry', hint)
  }
  const mode = ended.mode === 'full' ? 'full' : 'incremental'
  const { jobId, again } = await db.transaction(async (tx) => {
    const made = await createJob(tx, { origin: 'http', mode, idempotencyKey: null, requestHash: null })
    if (made === undefined) throw new Error('a request without a key is always made')
    const ids = ended.accounts.map((account) => account.id)
    await note(tx, {
      actor,
      action: 'retry',
      about: `sync ${id}`,
      details: { sync: made, accounts: ids.length },
    })
    return { jobId: made, again: await joinAll(tx, made, ids, { mode, lane: 'ad-hoc' }) }
  })
  await finishTasks(db, again)
  return { jobId, platforms: new Set(ended.accounts.map(({ platform }) => platform)) }
}
