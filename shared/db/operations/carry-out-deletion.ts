import type { Db } from '../pool.ts'
import { ownersOf } from '../tables/credentials.ts'
import { type DeletionRequest, endDeletion } from '../tables/deletion-requests.ts'
import type { HashHandle } from '../tables/erasures.ts'
import { eraseAccount } from './erase.ts'

/**
 * Erases the accounts of an owner who asked for that at the platform, each in its transaction; what a dead call left is done by the
 * next one. They are never admitted again but by their owner. Returns how many answers went with them.
 */
export async function carryOutDeletion(
  db: Db,
  { code, platform, app_user_id }: DeletionRequest,
  hashHandle: HashHandle | null,
): Promise<number> {
  const as = { actor: platform, hashHandle, requestedBy: 'owner' as const }
  let pages = 0
  for (const id of await ownersOf(db, platform, app_user_id))
    pages += (await eraseAccount(db, id, as))?.pages ?? 0
  await endDeletion(db, code)
  return pages
}
