import { createHash } from 'node:crypto'
import * as z from 'zod'
import { finishTasks } from '#shared/db/finish-tasks.ts'
import type { Db, Queryable } from '#shared/db/pool.ts'
import { createJob, jobOfKey, joinOrCreateTask } from '#shared/db/sync-jobs.ts'
import { Problem } from '#shared/http/problem.ts'
import { Platform } from '#shared/model/account.ts'
import { SyncMode } from '#shared/model/sync.ts'
import { currentTraceparent } from '#shared/telemetry/span.ts'
import { type Following, follow } from './follow.ts'
import { checkHandle } from './handles.ts'

/** What a caller may ask for. A handle is given with or without @; YouTube also by channel id. */
export const StartSync = z
  .strictObject({
    platform: Platform,
    handle: z.string().trim(),
    mode: SyncMode.default('incremental'),
  })
  .superRefine(({ platform, handle }, context) => {
    checkHandle(platform, handle, (path, message) =>
      context.addIssue({ code: 'custom', path: [path], message }),
    )
  })
export type StartSync = z.infer<typeof StartSync>

export interface Started {
  readonly jobId: string
  /** False when this request had been made before with the same key. */
  readonly isNew: boolean
}

/**
 * Makes the request, follows the account if nobody did, and joins or creates its task, all in one transaction.
 * A repeated key with the same body gives the request made before; with another body a Problem 409.
 */
export async function startSync(
  db: Db,
  asked: StartSync,
  key: string | undefined,
  { hashHandle, hasResearch }: Following,
): Promise<Started> {
  const requestHash = createHash('sha256').update(JSON.stringify(asked)).digest('hex')
  const { taskId, ...started } = await db.transaction(async (tx) => {
    const jobId = await createJob(tx, {
      origin: 'http',
      mode: asked.mode,
      idempotencyKey: key ?? null,
      requestHash: key === undefined ? null : requestHash,
    })
    if (jobId === undefined)
      return { jobId: await madeBefore(tx, key ?? '', requestHash), isNew: false, taskId: null }
    const accountId = await follow(tx, asked, { hashHandle, hasResearch })
    const traceparent = currentTraceparent()
    const joined = await joinOrCreateTask(tx, {
      accountId,
      mode: asked.mode,
      lane: 'ad-hoc',
      jobId,
      traceparent,
    })
    return { jobId, isNew: true, taskId: joined.again ? joined.taskId : null }
  })
  // What was walked before may be at its end already: then the next task is made now.
  if (taskId !== null) await finishTasks(db, [taskId])
  return started
}

async function madeBefore(tx: Queryable, key: string, requestHash: string): Promise<string> {
  const earlier = await jobOfKey(tx, key)
  if (earlier?.request_hash === requestHash) return earlier.id
  throw new Problem(409, 'idempotency_key_reused', 'this Idempotency-Key was used with another body')
}
