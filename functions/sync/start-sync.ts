import { createHash } from 'node:crypto'
import * as z from 'zod'
import { accountOfHandle, askAbout, followAccounts } from '#shared/db/accounts.ts'
import { type HashHandle, wasErased } from '#shared/db/erase.ts'
import { finishTasks } from '#shared/db/finish-tasks.ts'
import type { Db, Queryable } from '#shared/db/pool.ts'
import { createJob, jobOfKey, joinOrCreateTask } from '#shared/db/sync-jobs.ts'
import { Problem } from '#shared/http/problem.ts'
import { Platform } from '#shared/model/account.ts'
import { SyncMode } from '#shared/model/sync.ts'
import { currentTraceparent } from '#shared/telemetry/span.ts'
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

/** What decides whether an account may be followed. */
export interface Following {
  /** null: handles of erased accounts are not remembered. */
  readonly hashHandle: HashHandle | null
  /** Whether TikTok admitted us to its Research API. */
  readonly hasResearch: boolean
}

const channelId = /^UC[A-Za-z0-9_-]{22}$/

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

const unsupported = (message: string) =>
  new Problem(422, 'unsupported', message, [{ field: 'platform', message }])

/** Whom anybody may look up, and by which right; others are read by their owners' tokens only. */
const open = { youtube: 'public_key', instagram: 'public_discovery', tiktok: null } as const

/** The account asked for, followed from now on if it was not. */
async function follow(
  tx: Queryable,
  { platform, handle }: StartSync,
  { hashHandle, hasResearch }: Following,
): Promise<string> {
  const bare = handle.replace(/^@/, '')
  if (await wasErased(tx, platform, bare, hashHandle)) {
    throw new Problem(422, 'erased', 'this account was erased on request and is not followed again', [
      { field: 'handle', message: 'erased on request' },
    ])
  }
  const identity = channelId.test(bare)
    ? { handle: null, native_id: bare }
    : { handle: bare, native_id: null }
  const access_mode = platform === 'tiktok' && hasResearch ? 'research' : open[platform]
  if (access_mode) await followAccounts(tx, [{ platform, ...identity, access_mode }])
  const followed = await accountOfHandle(tx, platform, bare)
  if (followed && access_mode) await askAbout(tx, followed.id, access_mode)
  if (followed) return followed.id
  throw unsupported(`${platform} accounts are read by their owner's token, and there is none of @${bare}`)
}
