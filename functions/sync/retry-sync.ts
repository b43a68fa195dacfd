import { finishTasks } from '#shared/db/operations/finish-tasks.ts'
import { createJob } from '#shared/db/operations/sync-jobs.ts'
import type { Db } from '#shared/db/pool.ts'
import { note } from '#shared/db/tables/audit-log.ts'
import { endedInVain } from '#shared/db/views/job-list.ts'
import { Problem } from '#shared/http/problem.ts'
import type { Platform } from '#shared/model/account.ts'
import { notFound } from './routes/route.ts'
import { hashOfRequest, joinAll, madeBefore, type Started } from './start-sync.ts'

/**
 * A request of its own for the accounts of another one that failed or were cancelled: over every post where one of them
 * was, and in the backfill lane where that one was. Repeated under its key it is the request made before. Throws a Problem 404, or 409 when none is to be asked again.
 */
export async function retrySync(
  db: Db,
  id: string,
  { actor, key }: { readonly actor: string; readonly key: string | undefined },
): Promise<Started> {
  const ended = await endedInVain(db, id)
  if (!ended) throw notFound('such sync')
  const origin = ended.origin === 'backfill' ? 'backfill' : 'http'
  const { mode } = ended
  const lane = ended.origin === 'backfill' ? 'backfill' : 'ad-hoc'
  const requestHash = hashOfRequest({ retry: id })
  const { again, ...started } = await db.transaction(async (tx) => {
    const hashed = key === undefined ? null : requestHash
    const jobId = await createJob(tx, { origin, mode, idempotencyKey: key ?? null, requestHash: hashed })
    if (jobId === undefined)
      return {
        jobId: await madeBefore(tx, key ?? '', requestHash),
        platforms: new Set<Platform>(),
        again: [],
      }
    const joined = await joinAll(tx, jobId, ended.accounts, { mode, lane })
    if (joined.accounts === 0) {
      const hint = 'no account of it failed or was cancelled; parked work is redriven at /v1/parked/redrive'
      throw new Problem(409, 'nothing_to_retry', hint)
    }
    const details = { sync: jobId, accounts: joined.accounts }
    await note(tx, { actor, action: 'retry', about: `sync ${id}`, details })
    return { jobId, platforms: joined.platforms, again: joined.again }
  })
  await finishTasks(db, again)
  return started
}
