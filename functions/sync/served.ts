import type { HashHandle } from '#shared/db/erase.ts'
import type { Platform } from '#shared/model/account.ts'
import { dataKey, hasDataKey } from '#shared/runtime/data-key.ts'
import { hashHandles } from './erase-account.ts'
import type { Served } from './route.ts'

/** Without a data key handles of erased accounts are not remembered, only their ids. */
export const hashHandleOf = async ({ ports, config }: Served): Promise<HashHandle | null> =>
  hasDataKey(config) ? hashHandles(await dataKey(ports, config)) : null

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
