import { carryOutDeletion } from '#shared/db/operations/carry-out-deletion.ts'
import { isConnectionLost } from '#shared/db/pool.ts'
import { openDeletions } from '#shared/db/tables/deletion-requests.ts'
import { hashHandles } from '#shared/db/tables/erasures.ts'
import type { MaintainDeps } from './run.ts'

/** Calls that were to delete an owner's data and died are made up for. One that fails holds up no other. */
export async function deleteLeft(
  { db, log, dataKey }: Pick<MaintainDeps, 'db' | 'log' | 'dataKey'>,
  signal: AbortSignal,
): Promise<void> {
  for (const request of await openDeletions(db, 10)) {
    if (signal.aborted) return
    try {
      await carryOutDeletion(db, request, dataKey ? hashHandles(await dataKey()) : null)
    } catch (error) {
      if (isConnectionLost(error)) throw error
      log.error({ error, code: request.code }, 'data that an owner wants deleted could not be deleted')
    }
  }
}
