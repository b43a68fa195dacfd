import { carryOutDeletion } from '#shared/db/operations/carry-out-deletion.ts'
import { isConnectionLost } from '#shared/db/pool.ts'
import { openDeletions } from '#shared/db/tables/deletion-requests.ts'
import { hashHandles } from '#shared/db/tables/erasures.ts'
import type { MaintainDeps } from './run.ts'

/** Calls that were to delete an owner's data and died are made up for. */
export async function deleteOrLog({
  db,
  log,
  dataKey,
}: Pick<MaintainDeps, 'db' | 'log' | 'dataKey'>): Promise<void> {
  try {
    const left = await openDeletions(db, 10)
    if (left.length === 0) return
    const hashHandle = dataKey ? hashHandles(await dataKey()) : null
    for (const request of left) await carryOutDeletion(db, request, hashHandle)
  } catch (error) {
    if (isConnectionLost(error)) throw error
    log.error({ error }, 'data that owners want deleted could not be deleted; the next call goes on')
  }
}
