import pMap from 'p-map'
import type { Db } from '#shared/db/pool.ts'
import {
  type Doomed,
  doomEnded,
  forgetDoomed,
  type KeepRule,
  takeDoomed,
} from '#shared/db/tables/media-copies.ts'
import type { Bucket } from '#shared/media/bucket.ts'

interface Removing {
  readonly db: Db
  readonly bucket: Bucket
  /** How long each platform allows that pictures are kept. */
  readonly keepRules: readonly KeepRule[]
}

const batch = 200

/**
 * Removes copies of pictures that are not needed any more, while there is time. A process that dies between removing an object and
 * its row removes it once more. Returns how many went.
 */
export async function removeCopies(
  { db, bucket, keepRules }: Removing,
  signal: AbortSignal,
): Promise<number> {
  while (!signal.aborted && (await doomEnded(db, keepRules, batch)) > 0);
  let removed = 0
  while (!signal.aborted) {
    const doomed = await takeDoomed(db, batch)
    if (doomed.length === 0) break
    const failed: unknown[] = []
    const remove = async ({ content_key, object }: Doomed) => {
      if (signal.aborted) return
      try {
        if (object !== null) await bucket.remove(object)
        await forgetDoomed(db, content_key)
        removed += 1
      } catch (error) {
        failed.push(error)
      }
    }
    await pMap(doomed, remove, { concurrency: 4 })
    if (failed.length > 0) throw failed[0]
  }
  return removed
}
