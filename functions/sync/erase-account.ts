import * as z from 'zod'
import { type Erasing, eraseAccount } from '#shared/db/operations/erase.ts'
import type { Db } from '#shared/db/pool.ts'
import { accountsOfName } from '#shared/db/tables/accounts.ts'
import { Problem } from '#shared/http/problem.ts'
import { PlatformName } from '#shared/platforms/index.ts'

/** Whose wish it is. */
export const RequestedBy = z
  .enum(['us', 'owner', 'platform'])
  .default('us')
  .describe('after a request of the owner or the platform the account is never admitted again')
export type RequestedBy = z.output<typeof RequestedBy>

/** Whom to erase: a handle with or without @, or a native id. */
export const EraseAccount = z.strictObject({
  platform: PlatformName,
  handle: z.string().trim().min(1).max(200),
  requested_by: RequestedBy,
})
/** Whom to admit again, and why, for the audit log. */
export const AdmitAccount = z.strictObject({
  platform: PlatformName,
  handle: EraseAccount.shape.handle,
  reason: z.string().trim().min(3).max(500),
})
export type EraseAccount = z.infer<typeof EraseAccount>

export interface Erasure {
  readonly account_id: string
  readonly posts: number
  readonly pages: number
  /** What it is known by, so that it is not followed again; without a data key its native id alone. */
  readonly remembered: readonly ('handle' | 'native_id')[]
}

/** Erases one account in one call, with rows of it that were followed twice. Throws a Problem 404 if it is not followed. */
export async function erase(db: Db, asked: EraseAccount, { actor, hashHandle }: Erasing): Promise<Erasure> {
  const accounts = await accountsOfName(db, asked.platform, asked.handle.replace(/^@/, ''))
  const erased = []
  for (const { id } of accounts) {
    const one = await eraseAccount(db, id, { actor, hashHandle, requestedBy: asked.requested_by })
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
