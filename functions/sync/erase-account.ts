import { createHmac } from 'node:crypto'
import * as z from 'zod'
import { accountOfHandle } from '#shared/db/accounts.ts'
import { type Erased, eraseAccount, type HashName } from '#shared/db/erase.ts'
import type { Db } from '#shared/db/pool.ts'
import { Problem } from '#shared/http/problem.ts'
import { Platform } from '#shared/model/account.ts'

/** Whom to erase: a handle with or without @, or a native id. */
export const EraseAccount = z.strictObject({ platform: Platform, handle: z.string().trim().min(1).max(200) })
export type EraseAccount = z.infer<typeof EraseAccount>

/** Hashes names with a key derived from the data key, so that neither tells anything of the other. */
export function hashNames(dataKey: Buffer): HashName {
  const key = createHmac('sha256', dataKey).update('names of erased accounts').digest()
  return (platform, name) => createHmac('sha256', key).update(`${platform} ${name}`).digest('base64url')
}

/** Under which hashes a name may have been erased: as a handle, and as a native id. */
export function hashesOf(hashName: HashName, platform: Platform, name: string): string[] {
  return [...new Set([name.toLowerCase(), name])].map((one) => hashName(platform, one))
}

/** Erases one account in one call. Throws a Problem 404 for one that nobody follows. */
export async function erase(db: Db, asked: EraseAccount, hashName: HashName | null): Promise<Erased> {
  const bare = asked.handle.replace(/^@/, '')
  const account = await accountOfHandle(db, asked.platform, bare)
  const erased = account && (await eraseAccount(db, account.id, { actor: 'api', hashName }))
  if (!erased) throw new Problem(404, 'not_found', `no account of that name is followed on ${asked.platform}`)
  return erased
}
