import * as z from 'zod'
import { erasedAmong, type HashHandle } from '#shared/db/operations/erase.ts'
import type { Queryable } from '#shared/db/pool.ts'
import { accountOfHandle, askAbout, followAccounts } from '#shared/db/tables/accounts.ts'
import { Problem } from '#shared/http/problem.ts'
import { type AccessMode, foldHandle, type Platform } from '#shared/model/account.ts'
import { PlatformName, platformOf } from '#shared/platforms/index.ts'
import { checkHandle, nameInUrl } from './handles.ts'

/** An account by its platform and a handle, with or without @, or an id of the platform. */
export interface AccountName {
  readonly platform: Platform
  readonly handle: string
}

/** An account that is followed already, by its own number. */
export interface Followed {
  readonly account_id: string
}

export const bareHandle = ({ handle }: AccountName): string => handle.replace(/^@/, '')
/** The same for every spelling of a name. */
export const nameKey = (one: AccountName | Followed): string =>
  'account_id' in one ? `#${one.account_id}` : `${one.platform} ${foldHandle(bareHandle(one))}`

/** Whom to follow: a handle of a platform, or the address of the account's page as it is pasted. */
export const FollowAccount = z
  .strictObject({
    platform: PlatformName.optional(),
    handle: z.string().trim().min(1).max(300),
    sync_every_minutes: z
      .int()
      .min(5)
      .max(60 * 24 * 30)
      .optional(),
  })
  .transform(({ sync_every_minutes, ...given }, context) => {
    const named = readNamed(given, (path, message) =>
      context.addIssue({ code: 'custom', path: [path], message }),
    )
    return named ? { ...named, sync_every_minutes } : z.NEVER
  })

/** The account that a platform and a handle name, or the address of a page; undefined: a fault was reported. */
export function readNamed(
  { platform, handle }: { readonly platform?: Platform | undefined; readonly handle: string },
  fault: (path: string, message: string) => void,
): AccountName | undefined {
  const named = nameInUrl(handle) ?? (platform ? { platform, handle } : undefined)
  if (!named) fault('platform', 'name the platform, or give the address of the account there')
  else if (platform && named.platform !== platform) fault('handle', `this address is on ${named.platform}`)
  else checkHandle(named.platform, named.handle, fault)
  return named
}

/** What decides whether an account may be followed. */
export interface Following {
  /** null: handles of erased accounts are not remembered. */
  readonly hashHandle: HashHandle | null
  /** By which right accounts of others are read on a platform. null: by their owners' tokens only. */
  readonly openAccess: (platform: Platform) => AccessMode | null
}

/** An account that our access cannot read. */
export function unsupported(platform: Platform, handle: string): Problem {
  const message = `${platform} accounts are read by their owner's token, and there is none of @${handle}`
  return new Problem(422, 'unsupported', message, [{ field: 'platform', message }])
}

/** An account that is never followed again. */
export const erased = (): Problem =>
  new Problem(422, 'erased', 'this account was erased on request and is not followed again', [
    { field: 'handle', message: 'erased on request' },
  ])

/** There is no account of that number. */
function notFollowed(): Problem {
  const message = 'there is no such account'
  return new Problem(422, 'not_followed', message, [{ field: 'account_id', message }])
}

/** Known from imported files alone: the platform is asked once a request names it. */
function onlyImported(): Problem {
  const message = 'this account was imported: name it by platform and handle to have it asked about'
  return new Problem(422, 'imported', message, [{ field: 'account_id', message }])
}

/** Throws a Problem 422 for an id of no account, or of an account that is never synced. */
export function checkFollowed<Account extends { readonly access_mode: AccessMode }>(
  account: Account | undefined,
): Account {
  if (!account) throw notFollowed()
  if (account.access_mode === 'import') throw onlyImported()
  return account
}

/** The account asked for, followed from now on if it was not. */
export async function follow(
  tx: Queryable,
  { platform, handle }: AccountName,
  { hashHandle, openAccess }: Following,
): Promise<string> {
  const bare = bareHandle({ platform, handle })
  if ((await erasedAmong(tx, [{ platform, name: bare }], hashHandle)).size > 0) throw erased()
  const identity = platformOf(platform).handles.isNativeId(bare)
    ? { handle: null, native_id: bare }
    : { handle: bare, native_id: null }
  const access_mode = openAccess(platform)
  if (access_mode) await followAccounts(tx, [{ platform, ...identity, access_mode }])
  const followed = await accountOfHandle(tx, platform, bare)
  if (!followed) throw unsupported(platform, bare)
  if (access_mode) await askAbout(tx, followed.id, access_mode)
  else if (followed.access_mode === 'import') throw onlyImported()
  return followed.id
}
