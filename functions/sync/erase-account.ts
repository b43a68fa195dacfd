import { createHmac } from 'node:crypto'
import * as z from 'zod'
import { eraseAccount, type HashHandle } from '#shared/db/operations/erase.ts'
import type { Db } from '#shared/db/pool.ts'
import { accountsOfName } from '#shared/db/tables/accounts.ts'
import { Problem } from '#shared/http/problem.ts'
import { foldHandle } from '#shared/model/account.ts'
import { PlatformName } from '#shared/platforms/index.ts'

/** Whom to erase: a handle with or without @, or a native id. */
export const EraseAccount = z.strictObject({
  platform: PlatformName,
  handle: z.string().trim().min(1).max(200),
})
export type EraseAccount = z.infer<typeof EraseAccount>

/** Hashes handles with a key derived from the data key, so that neither key reveals the other. */
export function hashHandles(dataKey: Buffer): HashHandle {
  const key = createHmac('sha256', dataKey).update('handles of erased accounts').digest()
  return (platform, handle) =>
    createHmac('sha256', key)
      .update(`${platform} ${foldHandle(handle)}`)
      .digest('base64url')
}

export interface Erasure {
  readonly account_id: string
  readonly posts: number
  readonly pages: number
  /** What it is known by, so that it is not followed again; without a data key its native id alone. */
  readonly remembered: readonly ('handle' | 'native_id')[]
}

/** Erases one account in one call, with rows of it that were followed twice. Throws a Problem 404 if it is not followed. */
export async function erase(
  db: Db,
  asked: EraseAccount,
  { actor, hashHandle }: { readonly actor: string; readonly hashHandle: HashHandle | null },
): Promise<Erasure> {
  const accounts = await accountsOfName(db, asked.platform, asked.handle.replace(/^@/, ''))
  const erased = []
  for (const { id } of accounts) {
    const one = await eraseAccount(db, id, { actor, hashHandle })
    if (one) erased.push(one)
  }
  const [first] = erased
  if (!first) throw new Problem(404, 'not_found', `no account of that name is followed on ${asked.platform}`)
  const [account] = accounts
  return {
    account_id: first.account_id,
    posts: erased.reduce((sum, { posts }) => sum + posts, 0),
    pages: erased.reduce((sum, { pages }) => sum + pages, 0),
    remembered: [
      ...(account?.handle && hashHandle ? (['handle'] as const) : []),
      ...(account?.native_id ? (['native_id'] as const) : []),
    ],
  }
}
