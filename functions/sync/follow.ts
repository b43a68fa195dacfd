import * as z from 'zod'
import type { Reach } from '#shared/db/reach.ts'
import type { HashHandle } from '#shared/db/tables/erasures.ts'
import { Problem } from '#shared/http/problem.ts'
import { type AccessMode, foldHandle, type Platform } from '#shared/model/account.ts'
import { BrandName } from '#shared/model/brand.ts'
import { ClientName, Tags } from '#shared/model/client.ts'
import { PlatformName } from '#shared/platforms/index.ts'
import { checkHandle, readAddress, splitName } from './handles.ts'

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

const Line = z.strictObject({
  platform: PlatformName.optional(),
  handle: z.string().trim().min(1).max(300),
  client: ClientName.optional().describe('for whom, by name; made when it is new'),
  brand: BrandName.optional().describe('whose account it is, by name; made when it is new'),
  tags: Tags.optional().describe('words to find it by'),
})

/** Whom to follow: a handle of a platform, or the address of the account's page as it is pasted. */
export const FollowAccount = Line.extend({
  sync_every_minutes: z
    .int()
    .min(5)
    .max(60 * 24 * 30)
    .optional(),
}).transform(named)

/** One of many. */
export const FollowLine = Line.transform(named)

function named<Given extends z.output<typeof Line>>(
  { platform, handle, ...given }: Given,
  context: z.RefinementCtx,
) {
  const fault = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
  const name = readNamed({ platform, handle }, fault)
  return name ? { ...name, ...given } : z.NEVER
}

/** The account that a platform and a handle name, `platform:handle`, or the address of a page; undefined: a fault was reported. */
export function readNamed(
  { platform, handle }: { readonly platform?: Platform | undefined; readonly handle: string },
  fault: (path: string, message: string) => void,
): AccountName | undefined {
  const address = readAddress(handle)
  const named = address ?? splitName(handle) ?? (platform ? { platform, handle } : undefined)
  if (!named) fault('platform', 'name the platform, or give the address of the account there')
  else if ('fault' in named) fault('handle', named.fault)
  else if (platform && named.platform !== platform) fault('handle', `this address is on ${named.platform}`)
  else {
    checkHandle(named.platform, named.handle, fault)
    return named
  }
  return undefined
}

/** What decides whether an account may be followed. */
export interface Following {
  /** null: handles of erased accounts are not remembered. */
  readonly hashHandle: HashHandle | null
  /** By which right accounts of others are read on a platform. null: by their owners' tokens only. */
  readonly openAccess: (platform: Platform) => AccessMode | null
  /** The clients that it is followed for, of a key that is bound to them. */
  readonly reach: Reach
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
export function onlyImported(): Problem {
  const message = 'this account was imported: name it by platform and handle to have it asked about'
  return new Problem(422, 'imported', message, [{ field: 'account_id', message }])
}

/** It is on record, and not synced until it is followed again. */
function unfollowed(): Problem {
  const message = 'this account is not followed any more: follow it again first'
  return new Problem(422, 'unfollowed', message, [{ field: 'account_id', message }])
}

/** Throws a Problem 422 for an id of no account, or of an account that is never synced. */
export function checkFollowed<Account extends { readonly access_mode: AccessMode; readonly status: string }>(
  account: Account | undefined,
): Account {
  if (!account) throw notFollowed()
  if (account.status === 'unfollowed') throw unfollowed()
  if (account.access_mode === 'import') throw onlyImported()
  return account
}
