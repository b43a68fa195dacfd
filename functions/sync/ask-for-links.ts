import { finishTasks } from '#shared/db/operations/finish-tasks.ts'
import { createJob, holdToAsk, joinOrCreateTask, readingOf } from '#shared/db/operations/sync-jobs.ts'
import { note } from '#shared/db/tables/audit-log.ts'
import { clock } from '#shared/db/views/clock.ts'
import type { PictureLink } from '#shared/db/views/picture-links.ts'
import type { SyncMode } from '#shared/model/sync.ts'
import { currentTraceparent } from '#shared/telemetry/span.ts'
import { startReading } from './call-context.ts'
import type { CallContext } from './routes/route.ts'

/**
 * Has an account read again for links that work: all of it, where the post is older than what an incremental sync looks at. One
 * sync serves all pictures of the account: while it is under way nothing further is asked, nor for an hour after it has
 * brought no link. Returns whether one is under way.
 */
export async function askForLinks(context: CallContext, link: PictureLink): Promise<boolean> {
  const { db, settings } = context
  const { account_id, platform, published_at } = link
  const back = (await clock(db)).getTime() - published_at.getTime()
  const mode: SyncMode = back < settings.lookBackDays * 86_400_000 ? 'incremental' : 'full'
  const asked = await db.transaction(async (tx) => {
    const accounts = await holdToAsk(tx, [account_id])
    if (accounts.length === 0) return { isUnderWay: false, again: [] }
    const standing = await readingOf(tx, account_id, mode)
    if (standing) return { isUnderWay: standing === 'reading', again: [] }
    const jobId = await createJob(tx, { origin: 'http', mode, idempotencyKey: null, requestHash: null })
    if (jobId === undefined) throw new Error('a request without a key is always made')
    const traceparent = currentTraceparent()
    const task = await joinOrCreateTask(tx, {
      ...{ accountId: account_id, mode, lane: 'ad-hoc', jobId, traceparent },
    })
    await note(tx, { actor: 'media', action: 'sync', about: `sync ${jobId}`, details: { accounts: 1 } })
    return { isUnderWay: true, again: task.again ? [task.taskId] : [], isNew: true }
  })
  await finishTasks(db, asked.again)
  if (asked.isNew) await startReading(context, platform)
  return asked.isUnderWay
}
