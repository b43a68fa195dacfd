import { type HashHandle, hasErasedHandles } from '#shared/db/erase.ts'
import type { Platform } from '#shared/model/account.ts'
import { dataKey, hasDataKey } from '#shared/runtime/data-key.ts'
import { hashHandles } from './erase-account.ts'
import type { Following } from './follow.ts'
import type { Served } from './route.ts'

/** Without a data key handles of erased accounts are not remembered, only their ids. */
export const hashHandleOf = async ({ ports, config }: Served): Promise<HashHandle | null> =>
  hasDataKey(config) ? hashHandles(await dataKey(ports, config)) : null

/**
 * The key is opened only where handles were erased. While it cannot be, a sync is asked for all the same: an erased
 * account is known by its id then, with its first answer.
 */
async function hashHandleIfNeeded(served: Served) {
  if (!(await hasErasedHandles(served.ports.db))) return null
  try {
    return await hashHandleOf(served)
  } catch (error) {
    served.ports.log.warn({ error }, 'handles of erased accounts cannot be known at this moment')
    return null
  }
}

/** What decides here whether an account may be followed. */
export const followingOf = async (served: Served): Promise<Following> => ({
  hashHandle: await hashHandleIfNeeded(served),
  hasResearch: served.config.TIKTOK_RESEARCH_CLIENT_KEY !== undefined,
})

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
