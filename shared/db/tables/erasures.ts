import { createHmac, randomBytes } from 'node:crypto'
import { foldHandle, type Platform } from '../../model/account.ts'
import { columns } from '../columns.ts'
import type { Queryable } from '../pool.ts'
import { type Sql, sql } from '../sql.ts'

/** Whose request an erasure is. Only what we asked for ourselves may be undone. */
export type RequestedBy = 'us' | 'owner' | 'platform'

/** Hashes a handle, so that it is recognised only with the key. */
export type HashHandle = (platform: Platform | 'key', handle: string) => string

/** Hashes handles with a key derived from the data key, so that neither key reveals the other. */
export function hashHandles(dataKey: Buffer): HashHandle {
  const key = createHmac('sha256', dataKey).update('handles of erased accounts').digest()
  return (platform, handle) =>
    createHmac('sha256', key)
      .update(`${platform} ${foldHandle(handle)}`)
      .digest('base64url')
}

/** What an account is known by. */
export interface KnownNames {
  readonly platform: Platform
  readonly handle: string | null
  readonly native_id: string | null
}

/** Remembers an account that is erased by hashes of its names, so that it is not followed again. */
export async function remember(
  tx: Queryable,
  accountId: string,
  { platform, handle, native_id }: KnownNames,
  { hashHandle, requestedBy }: { readonly hashHandle: HashHandle | null; readonly requestedBy: RequestedBy },
): Promise<void> {
  const handleHash = handle && hashHandle ? hashHandle(platform, handle) : null
  const salt = randomBytes(16).toString('base64url')
  // A name that serves as the id could be guessed: it is known by the key alone.
  const id = native_id === handle ? null : native_id
  if (hashHandle) await rememberKey(tx, accountId, hashHandle)
  await tx.rows(sql`
    insert into erasures (account_id, platform, kind, salt, hash, requested_by)
    select ${accountId}::bigint, ${platform}, 'handle', null, ${handleHash}::text, ${requestedBy} where ${handleHash}::text is not null
    union all
    select ${accountId}::bigint, ${platform}, 'native_id', ${salt}, ${saltedHash(sql`${salt}::text`, sql`${id}::text`)}, ${requestedBy}
    where ${id}::text is not null`)
}

/** An empty handle, hashed and stored with the rest: its hash shows whether a key is the one in use. */
const keyCheck = { platform: 'key', handle: '' } as const

async function rememberKey(tx: Queryable, accountId: string, hashHandle: HashHandle): Promise<void> {
  const hash = hashHandle(keyCheck.platform, keyCheck.handle)
  await tx.rows(sql`
    insert into erasures (account_id, platform, kind, hash) select ${accountId}::bigint, ${keyCheck.platform}, 'handle', ${hash}
    where not exists (select from erasures where kind = 'handle' and hash = ${hash})`)
}

/** Whether handles of erased accounts were hashed with this key. */
export async function isKeyOfErased(db: Queryable, hashHandle: HashHandle): Promise<boolean> {
  const hash = hashHandle(keyCheck.platform, keyCheck.handle)
  return (
    (await db.rows(sql`select from erasures where kind = 'handle' and hash = ${hash} limit 1`)).length > 0
  )
}

const saltedHash = (salt: Sql, nativeId: Sql) =>
  sql`encode(sha256(convert_to(${salt} || ' ' || ${nativeId}, 'UTF8')), 'hex')`

/** A name in a request, a handle or a native id. */
export interface GivenName {
  readonly platform: Platform
  readonly name: string
  /** Whether it may be an id; absent: it may. */
  readonly isId?: boolean
}

const hashedName = columns<
  Pick<GivenName, 'platform' | 'name'> & {
    readonly place: number
    readonly hash: string | null
    readonly is_id: boolean
  }
>({
  place: 'int',
  platform: 'text',
  name: 'text',
  hash: 'text',
  is_id: 'boolean',
})

/** Of these names, the places of those under which an account was erased. Without a key handles are not known. */
export async function erasedAmong(
  db: Queryable,
  names: readonly GivenName[],
  hashHandle: HashHandle | null,
): Promise<Set<number>> {
  const given = names.map(({ platform, name, isId = true }, place) => ({
    ...{ place, platform, name, is_id: isId },
    hash: hashHandle?.(platform, name) ?? null,
  }))
  const found = await db.rows<{ place: number }>(sql`
    select distinct r.place from ${hashedName.rows(given)}
    join erasures e on e.platform = r.platform
      and case when e.kind = 'handle' then e.hash = r.hash else r.is_id and ${isNativeId(sql`r.name`)} end`)
  return new Set(found.map(({ place }) => place))
}

const isNativeId = (nativeId: Sql) =>
  sql`(e.kind = 'native_id' and e.hash = ${saltedHash(sql`e.salt`, nativeId)})`
/** Of this handle, or this native id. */
const isNamed = (platform: Platform, name: string, hashHandle: HashHandle | null) => sql`
  e.platform = ${platform} and ((e.kind = 'handle' and e.hash = ${hashHandle?.(platform, name) ?? null}::text)
    or ${isNativeId(sql`${name}::text`)})`

/** Whether there are erased accounts whose handles only the key recognises. */
export async function hasErasedHandles(db: Queryable): Promise<boolean> {
  return (await db.rows(sql`select from erasures where kind = 'handle' limit 1`)).length > 0
}

/** Its owner has granted access again: it may be followed again. */
export async function forgetErasure(
  tx: Queryable,
  platform: Platform,
  name: string,
  hashHandle: HashHandle | null,
): Promise<void> {
  await tx.rows(sql`delete from erasures e where ${isNamed(platform, name, hashHandle)}`)
}

interface Identity {
  readonly id: string
  readonly native_id: string
}
const identity = columns<Identity>({ id: 'bigint', native_id: 'text' })

/** Of accounts followed of late, or under a name alone, those whose answer names an id that was erased, and on whose request. */
export async function erasedAgain(
  tx: Queryable,
  seen: readonly Identity[],
): Promise<Map<string, RequestedBy>> {
  if (seen.length === 0) return new Map()
  const rows = await tx.rows<{ id: string; requested_by: RequestedBy }>(sql`
    select distinct on (a.id) a.id, e.requested_by from ${identity.rows(seen)}
    join accounts a on a.id = r.id and a.access_mode <> 'own_oauth'
      and (a.native_id is null or a.created_at > app_now() - interval '2 days')
    join erasures e on e.platform = a.platform and ${isNativeId(sql`r.native_id`)}
    order by a.id, e.requested_by = 'us'`)
  return new Map(rows.map(({ id, requested_by }) => [id, requested_by]))
}

/**
 * Forgets that an account of this name was erased, so that it may be followed again. Only where that was our own wish: not after a
 * request of its owner or the platform.
 */
export async function admitAgain(
  tx: Queryable,
  platform: Platform,
  name: string,
  hashHandle: HashHandle | null,
): Promise<'admitted' | 'requested' | 'unknown'> {
  const accounts = await tx.rows<{ id: string; requested_by: RequestedBy }>(sql`
    select e.account_id as id, e.requested_by from erasures e
    where e.account_id in (select e.account_id from erasures e where ${isNamed(platform, name, hashHandle)}) and e.platform = ${platform} order by e.id`)
  if (accounts.length === 0) return 'unknown'
  if (accounts.some(({ requested_by }) => requested_by !== 'us')) return 'requested'
  await tx.rows(sql`
    delete from erasures where platform = ${platform} and account_id = any(${accounts.map(({ id }) => id)}::bigint[])`)
  return 'admitted'
}
