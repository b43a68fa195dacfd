import { finishTasks } from '#shared/db/operations/finish-tasks.ts'
import { createJob } from '#shared/db/operations/sync-jobs.ts'
import type { Db } from '#shared/db/pool.ts'
import { note } from '#shared/db/tables/audit-log.ts'
import { endedInVain } from '#shared/db/views/job-list.ts'
import { Problem } from '#shared/http/problem.ts'
import type { Platform } from '#shared/model/account.ts'
import { notFound } from './routes/route.ts'
import { type Asking, hashOfRequest, joinAll, keyOf, madeBefore, type Started } from './start-sync.ts'

/**
 * Makes a new request for the accounts of a request that failed or were cancelled: full if any of them was full, and in the
 * backfill lane if that request was. A repeated key gives the request made before. Throws a Problem 404, or 409 when there is
 * nothing to retry.
 */
export async function retrySync(
  db: Db,
  id: string,
  asking: Pick<Asking, 'actor' | 'key' | 'reach'>,
): Promise<Started> {
  const ended = await endedInVain(db, id, asking.reach)
  if (!ended) throw notFound('such sync')
  const origin = ended.origin === 'backfill' ? 'backfill' : 'http'
  const { mode } = ended
  const lane = ended.origin === 'backfill' ? 'backfill' : 'ad-hoc'
  const requestHash = hashOfRequest({ retry: id })
  const { again, ...started } = await db.transaction(async (tx) => {
    const idempotencyKey = keyOf(asking)
    const hashed = idempotencyKey === null ? null : requestHash
    const jobId = await createJob(tx, { origin, mode, idempotencyKey, requestHash: hashed })
    if (jobId === undefined)
      return {
        jobId: await madeBefore(tx, asking, requestHash),
        platforms: new Set<Platform>(),
        again: [],
      }
    const joined = await joinAll(tx, jobId, ended.accounts, { mode, lane })
    if (joined.accounts === 0) {
      const hint = 'no account of it failed or was cancelled; parked work is redriven at /v1/parked/redrive'
      throw new Problem(409, 'nothing_to_retry', hint)
    }
    const details = { sync: jobId, accounts: joined.accounts }
    await note(tx, { actor: asking.actor, action: 'retry', about: `sync ${id}`, details })
    return { jobId, platforms: joined.platforms, again: joined.again }
  })
  await finishTasks(db, again)
  return started
}
