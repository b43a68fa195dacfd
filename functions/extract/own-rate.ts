import { refusedAlone } from '#shared/db/tables/refusals.ts'
import { RetryableError } from '#shared/errors.ts'
import type { Call } from './call.ts'
import type { Batch } from './deps.ts'
import type { Hand } from './hand.ts'

const minute = 60_000
const mostMs = 6 * 60 * minute

/**
 * Notes a request to slow down. If this account had one before and others were answered since, returns a verdict that delays it
 * alone, longer each time. undefined: the request is about the pool, as the first one always is.
 */
export async function isOwnRate(
  batch: Batch,
  { task }: Hand,
  { endpoint }: Call,
  error: RetryableError,
): Promise<RetryableError | undefined> {
  const { access_mode, platform, fared } = batch
  const place = { platform, access_mode, endpoint, code: error.reason }
  const answeredNow = [...(fared.answered.get(endpoint) ?? [])].some((id) => id !== task.account_id)
  const times = await refusedAlone(batch.db, place, task.account_id, answeredNow)
  if (times === 0) return undefined
  return new RetryableError(error.message, {
    reason: 'rate',
    afterMs: Math.max(error.afterMs ?? 0, Math.min(mostMs, 5 * minute * 2 ** times)),
    counts: false,
    cause: error,
  })
}
