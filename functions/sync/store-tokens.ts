import * as z from 'zod'
import { sealWith } from '#shared/cloud/seal.ts'
import type { Db, Queryable } from '#shared/db/pool.ts'
import { accountOfHandle, allowOwner, followAccounts } from '#shared/db/tables/accounts.ts'
import { note } from '#shared/db/tables/audit-log.ts'
import { retryReading, sealedAbout, storeCredential } from '#shared/db/tables/credentials.ts'
import { forgetErasure, type HashHandle } from '#shared/db/tables/erasures.ts'
import { Problem } from '#shared/http/problem.ts'
import type { Platform } from '#shared/model/account.ts'
import { platformNames, platformOf } from '#shared/platforms/index.ts'
import { checkHandle } from './handles.ts'

/** Platforms of which some accounts are read by tokens. */
const withTokens = platformNames.filter((name) => platformOf(name).tokens !== null)

const Token = z.string().min(8).max(4_096)
const Seconds = z
  .int()
  .positive()
  .max(400 * 86_400)

/**
 * Tokens of a consent, as the platform's token endpoint gave them; lifetimes in seconds from now. Without a handle it is
 * the shared token by which accounts of others are looked up.
 */
export const StoreTokens = z
  .strictObject({
    platform: z.enum(withTokens, `${withTokens.join(' or ')}; others are read without tokens`),
    handle: z.string().trim().optional(),
    access_token: Token,
    access_expires_in: Seconds.optional(),
    refresh_token: Token.optional(),
    refresh_expires_in: Seconds.optional(),
    scopes: z.array(z.string().max(100)).max(50).default([]),
  })
  .superRefine((tokens, context) => {
    const fault = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    if (tokens.handle !== undefined) checkHandle(tokens.platform, tokens.handle, fault)
    const { title, tokens: rules } = platformOf(tokens.platform)
    if (!rules?.canBeShared && tokens.handle === undefined)
      fault('handle', `${title} has no shared token: name the account whose owner consented`)
    if (tokens.handle !== undefined && tokens.access_expires_in === undefined)
      fault('access_expires_in', 'say when it ends: tokens of owners are renewed before')
    if (rules?.needRefresh && tokens.refresh_token === undefined)
      fault('refresh_token', `${title} tokens end after hours: give the refresh token too`)
  })
export type StoreTokens = z.infer<typeof StoreTokens>

export interface StoredTokens {
  /** null: it serves many accounts. */
  readonly account_id: string | null
}

/**
 * Seals the tokens and stores them in place of those there were; the account is followed from now on if it was not, and
 * read by its owner's right, also if it had been erased: its owner has granted access again. No answer ever shows the tokens.
 */
export async function storeTokens(
  db: Db,
  given: StoreTokens,
  {
    actor,
    dataKey,
    hashHandle,
  }: { readonly actor: string; readonly dataKey: Buffer; readonly hashHandle: HashHandle | null },
): Promise<StoredTokens> {
  return db.transaction(async (tx) => {
    const accountId =
      given.handle === undefined ? null : await ownedAccount(tx, given.platform, given.handle, hashHandle)
    const about = sealedAbout(given.platform, accountId)
    const tokens = { access: given.access_token, refresh: given.refresh_token ?? null }
    await storeCredential(tx, {
      platform: given.platform,
      account_id: accountId,
      sealed: sealWith(dataKey).seal(JSON.stringify(tokens), about),
      access_s: given.access_expires_in ?? null,
      refresh_s: given.refresh_expires_in ?? null,
      scopes: given.scopes,
    })
    await retryReading(tx, given.platform, accountId)
    await note(tx, {
      actor,
      action: 'store tokens',
      about: accountId === null ? `all ${given.platform} accounts of others` : `account ${accountId}`,
      details: { scopes: given.scopes },
    })
    return { account_id: accountId }
  })
}

async function ownedAccount(
  tx: Queryable,
  platform: Platform,
  handle: string,
  hashHandle: HashHandle | null,
): Promise<string> {
  const bare = handle.replace(/^@/, '')
  await forgetErasure(tx, platform, bare, hashHandle)
  await followAccounts(tx, [{ platform, handle: bare, native_id: null, access_mode: 'own_oauth' }])
  const account = await accountOfHandle(tx, platform, bare)
  if (!account) throw new Problem(409, 'conflict', 'the account was erased at this moment')
  await allowOwner(tx, account.id)
  return account.id
}
