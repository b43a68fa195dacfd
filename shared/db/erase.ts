import type { Platform } from '../model/account.ts'
import { note } from './audit-log.ts'
import type { Db, Queryable } from './pool.ts'
import { deletePosts } from './purge.ts'
import { sql } from './sql.ts'

/** Hashes a name of an account, so that only who has the key can tell whose it was. */
export type HashName = (platform: Platform, name: string) => string

export interface Erased {
  readonly account_id: string
  readonly posts: number
  readonly pages: number
}

/**
 * Erases an account: everything we have of it goes in one transaction, pages not read yet and ML jobs under way
 * included; whoever works for it at this moment finds nothing to write to. A tombstone stays, which tells nothing,
 * hashes of its names, by which it is not followed again, and a row of the audit log. undefined: no such account.
 */
export async function eraseAccount(
  db: Db,
  accountId: string,
  { actor, hashName }: { readonly actor: string; readonly hashName: HashName | null },
): Promise<Erased | undefined> {
  return db.transaction(async (tx) => {
    const [account] = await tx.rows<{
      platform: Platform
      handle: string | null
      native_id: string | null
    }>(sql`
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
    await tx.rows(sql`delete from credentials where account_id = ${accountId}`)
    await tx.rows(sql`
      update accounts set status = 'erased', status_reason = null, handle = null, native_id = null, watermark = null,
        whole_walk_at = null, full_walk_at = null, next_sync_at = 'infinity' where id = ${accountId}`)
    const { platform, handle, native_id } = account
    const names = [handle?.toLowerCase(), native_id].flatMap((name) => (name ? [name] : []))
    await remember(tx, accountId, hashName ? names.map((name) => hashName(platform, name)) : [])
    const counts = { posts: posts.length, pages }
    await note(tx, {
      actor,
      action: 'erase',
      about: `account ${accountId}`,
      details: { platform, ...counts },
    })
    return { account_id: accountId, ...counts }
  })
}

/** Tasks and pages are locked before posts, in the one order of all locks. */
async function holdWork(tx: Queryable, accountId: string): Promise<void> {
  await tx.rows(sql`select from sync_tasks where account_id = ${accountId} order by id for update`)
  await tx.rows(sql`select from raw_pages where account_id = ${accountId} order by id for update`)
}

/** Tasks with their pages, and requests that asked for this account alone. Returns how many bodies went. */
async function deleteWork(tx: Queryable, accountId: string): Promise<number> {
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
  return bodies.length
}

async function remember(tx: Queryable, accountId: string, hashes: readonly string[]): Promise<void> {
  await tx.rows(sql`
    insert into erasures (name_hash, account_id) select hash, ${accountId}::bigint from unnest(${[...hashes]}::text[]) as hash
    order by hash on conflict do nothing`)
}

/** Whether an account of one of these names was erased. */
export async function wasErased(db: Queryable, hashes: readonly string[]): Promise<boolean> {
  const found = await db.rows(sql`select from erasures where name_hash = any(${[...hashes]}::text[]) limit 1`)
  return found.length > 0
}
