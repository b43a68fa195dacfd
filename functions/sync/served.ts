import { type HashHandle, hasErasedHandles, isKeyOfErased } from '#shared/db/erase.ts'
import { Problem } from '#shared/http/problem.ts'
import type { Platform } from '#shared/model/account.ts'
import { dataKey, hasDataKey } from '#shared/runtime/data-key.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import { hashHandles } from './erase-account.ts'
import { type Eta, etaOf } from './eta.ts'
import type { Following } from './follow.ts'
import { openCalls } from './open-calls.ts'
import type { Served } from './route.ts'

/** Without a data key handles of erased accounts are not remembered, only their ids. */
export const hashHandleOf = async ({ ports, config }: Served): Promise<HashHandle | null> =>
  hasDataKey(config) ? hashHandles(await dataKey(ports, config)) : null

/**
 * The key is opened only where handles were erased. Without it nobody can tell whether this one was: nothing is followed
 * then, and the caller is to try again.
 */
async function hashHandleIfNeeded(served: Served): Promise<HashHandle | null> {
  const { db, log } = served.ports
  if (!(await hasErasedHandles(db))) return null
  try {
    const hashHandle = await hashHandleOf(served)
    if (hashHandle && (await isKeyOfErased(db, hashHandle))) return hashHandle
    log.error({}, 'this data key is not the one by which handles of erased accounts are known')
  } catch (error) {
    log.warn({ error }, 'handles of erased accounts cannot be known at this moment')
  }
  throw new Problem(503, 'unavailable', 'nobody can be followed at this moment: try again later')
}

/** What decides here whether an account may be followed. */
export const followingOf = async (served: Served): Promise<Following> => ({
  hashHandle: await hashHandleIfNeeded(served),
  hasResearch: served.config.TIKTOK_RESEARCH_CLIENT_KEY !== undefined,
})

interface Seen {
  readonly eta: Eta
  /** performance.now() when it was worked out. */
  readonly at: number
}
/** Whoever looks on asks every other second or sooner; what is worked out serves all of them for a while. One for each instance. */
const ahead = new WeakMap<Ports, Map<string, Seen>>()
const lastingMs = 5_000
const mostSeen = 200

/** When a sync that is open will be ready, as it looked at most five seconds ago. */
export async function lookAhead({ ports, config }: Served, jobId: string): Promise<Eta> {
  const seen = ahead.get(ports) ?? new Map<string, Seen>()
  ahead.set(ports, seen)
  const known = seen.get(jobId)
  if (known && performance.now() - known.at < lastingMs) return known.eta
  const eta = await etaOf(ports.db, jobId, config.LOOK_BACK_DAYS, ({ platform, access_mode }) =>
    openCalls(config, platform, access_mode),
  )
  seen.delete(jobId)
  seen.set(jobId, { eta, at: performance.now() })
  const [oldest] = seen.keys()
  if (seen.size > mostSeen && oldest) seen.delete(oldest)
  return eta
}

/** Rings extract of a platform. A ring that is lost is repaired by its next tick. */
export async function ringExtract(
  { ports, config }: Served,
  platform: Platform,
  ids: readonly string[] = [],
): Promise<void> {
  const queue = {
    youtube: config.EXTRACT_YOUTUBE_QUEUE_URL,
    instagram: config.EXTRACT_INSTAGRAM_QUEUE_URL,
    tiktok: config.EXTRACT_TIKTOK_QUEUE_URL,
  }[platform]
  const failed = await ports.sender(queue)([{ v: 1, kind: 'extract', ids: [...ids] }])
  if (failed > 0) ports.log.warn({ ids }, 'a ring was not sent, the next extract tick repairs it')
}
