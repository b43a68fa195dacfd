import { randomBytes } from 'node:crypto'
import { foldHandle, type Platform } from '../../model/account.ts'
import { accountPool } from '../../model/quota.ts'
import { columns } from '../columns.ts'
import type { Db, Queryable } from '../pool.ts'
import { type Sql, sql } from '../sql.ts'
import { note } from '../tables/audit-log.ts'
import { deletePosts } from './purge.ts'

/** Hashes a handle, so that it is recognised only with the key. */
export type HashHandle = (platform: Platform | 'key', handle: string) => string

export interface Erased {
  readonly account_id: string
  readonly posts: number
  readonly pages: number
}

/**
 * Erases an account: everything we have of it goes in one transaction, pages not read yet and ML jobs under way
 * included; a call that works on it at this moment finds nothing to write to. A tombstone stays, which reveals nothing,
 * hashes of its names, by which it is not followed again, and a row of the audit log. undefined: no such account.
 */
export async function eraseAccount(
  db: Db,
  accountId: string,
  { actor, hashHandle }: { readonly actor: string; readonly hashHandle: HashHandle | null },
): Promise<Erased | undefined> {
  return db.transaction(async (tx) => {
    const [account] = await tx.rows<KnownNames>(sql`
      select platform, handle, native_id from accounts where id = ${accountId} and status <> 'erased' for update`)
    if (!account) return undefined
    await holdWork(tx, accountId)
    const posts = await tx.rows<{ id: string }>(
      sql`select id from posts where account_id = ${accountId} order by id`,
    )
    await deletePosts(
      tx,
      posts.map((post) => post.id),
    )
    const pages = await deleteWork(tx, accountId)
    await tx.rows(sql`delete from profile_metrics where account_id = ${accountId}`)
    await tx.rows(sql`delete from profiles where account_id = ${accountId}`)
    await tx.rows(sql`delete from refusals where account_id = ${accountId}`)
    await tx.rows(sql`delete from post_appearances where account_id = ${accountId}`)
    await tx.rows(sql`delete from record_issues where account_id = ${accountId}`)
    await tx.rows(sql`delete from credentials where account_id = ${accountId}`)
    await tx.rows(sql`
      update accounts set status = 'erased', status_reason = null, handle = null, handle_norm = null, native_id = null, watermark = null,
        whole_walk_at = null, full_walk_at = null, next_sync_at = 'infinity' where id = ${accountId}`)
    await forgetTraces(tx, account)
    await remember(tx, accountId, account, hashHandle)
    const counts = { posts: posts.length, pages }
    await note(tx, {
      actor,
      action: 'erase',
      about: `account ${accountId}`,
      details: { platform: account.platform, ...counts },
    })
    return { account_id: accountId, ...counts }
  })
}

/** Tasks, pages and plans are locked before posts, in the one order of all locks. */
async function holdWork(tx: Queryable, accountId: string): Promise<void> {
  await tx.rows(sql`select from sync_tasks where account_id = ${accountId} order by id for update`)
  await tx.rows(sql`select from raw_pages where account_id = ${accountId} order by id for update`)
  // Waits for a call that makes jobs of them at this moment: these are found then.
  await tx.rows(sql`
    delete from ml_plans where sync_task_id in (select id from sync_tasks where account_id = ${accountId})`)
}

/** Tasks with their pages, and requests that asked for this account alone. Returns how many bodies go. */
async function deleteWork(tx: Queryable, accountId: string): Promise<number> {
  // Noted behind the deletion of their pages, and deleted once this is committed.
  const far = await tx.rows(
    sql`select from raw_pages where account_id = ${accountId} and body_key is not null`,
  )
  const bodies = await tx.rows(sql`
    delete from raw_bodies b using raw_pages p
    where p.account_id = ${accountId} and b.raw_page_id = p.id
      and b.fetched_on = (p.fetched_at at time zone 'UTC')::date returning b.raw_page_id`)
  const jobs = await tx.rows<{ id: string }>(sql`
    select distinct sync_job_id as id from sync_job_tasks jt join sync_tasks t on t.id = jt.sync_task_id
    where t.account_id = ${accountId}`)
  await tx.rows(sql`delete from sync_tasks where account_id = ${accountId}`)
  await tx.rows(sql`
    delete from sync_jobs j where id = any(${jobs.map((job) => job.id)}::bigint[])
      and not exists (select from sync_job_tasks t where t.sync_job_id = j.id)`)
  return bodies.length + far.length
}

interface KnownNames {
  readonly platform: Platform
  readonly handle: string | null
  readonly native_id: string | null
}

/** Deletes what exists elsewhere only because it was followed: dictionary mentions of its handle, and its quota pools. */
async function forgetTraces(tx: Queryable, { platform, handle, native_id }: KnownNames): Promise<void> {
  await tx.rows(sql`
    delete from post_mentions m using posts p
    where m.handle_norm = ${handle === null ? null : foldHandle(handle)} and m.source = 'dictionary' and p.id = m.post_id and p.platform = ${platform}`)
  for (const name of [native_id, handle])
    if (name !== null)
      await tx.rows(
        sql`delete from quota_windows where starts_with(pool, ${`${accountPool(platform, name)}.`})`,
      )
}

async function remember(
  tx: Queryable,
  accountId: string,
  { platform, handle, native_id }: KnownNames,
  hashHandle: HashHandle | null,
): Promise<void> {
  const handleHash = handle && hashHandle ? hashHandle(platform, handle) : null
  const salt = randomBytes(16).toString('base64url')
  // A name that serves as the id could be guessed: it is known by the key alone.
  const id = native_id === handle ? null : native_id
  if (hashHandle) await rememberKey(tx, accountId, hashHandle)
  await tx.rows(sql`
    insert into erasures (account_id, platform, kind, salt, hash)
    select ${accountId}::bigint, ${platform}, 'handle', null, ${handleHash}::text where ${handleHash}::text is not null
    union all
    select ${accountId}::bigint, ${platform}, 'native_id', ${salt}, ${saltedHash(sql`${salt}::text`, sql`${id}::text`)}
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
}

const hashedName = columns<GivenName & { readonly place: number; readonly hash: string | null }>({
  place: 'int',
  platform: 'text',
  name: 'text',
  hash: 'text',
})

/** Of these names, the places of those under which an account was erased. Without a key handles are not known. */
export async function erasedAmong(
  db: Queryable,
  names: readonly GivenName[],
  hashHandle: HashHandle | null,
): Promise<Set<number>> {
  const given = names.map(({ platform, name }, place) => ({
    ...{ place, platform, name },
    hash: hashHandle?.(platform, name) ?? null,
  }))
  const found = await db.rows<{ place: number }>(sql`
    select distinct r.place from ${hashedName.rows(given)}
    join erasures e on e.platform = r.platform
      and ((e.kind = 'handle' and e.hash = r.hash) or ${isNativeId(sql`r.name`)})`)
  return new Set(found.map(({ place }) => place))
}

const isHandle = (hash: string | null) => sql`(e.kind = 'handle' and e.hash = ${hash}::text)`
const isNativeId = (nativeId: Sql) =>
  sql`(e.kind = 'native_id' and e.hash = ${saltedHash(sql`e.salt`, nativeId)})`

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
  await tx.rows(sql`
    delete from erasures e where e.platform = ${platform} and (${isHandle(hashHandle?.(platform, name) ?? null)}
      or ${isNativeId(sql`${name}::text`)})`)
}

interface Identity {
  readonly id: string
  readonly native_id: string
}
const identity = columns<Identity>({ id: 'bigint', native_id: 'text' })

/** Of accounts followed of late, or under a name alone, those whose answer names an id that was erased. */
export async function erasedAgain(tx: Queryable, seen: readonly Identity[]): Promise<Set<string>> {
  if (seen.length === 0) return new Set()
  const rows = await tx.rows<{ id: string }>(sql`
    select a.id from ${identity.rows(seen)}
    join accounts a on a.id = r.id and a.access_mode <> 'own_oauth'
      and (a.native_id is null or a.created_at > app_now() - interval '2 days')
    where exists (select from erasures e where e.platform = a.platform and ${isNativeId(sql`r.native_id`)})`)
  return new Set(rows.map(({ id }) => id))
}
