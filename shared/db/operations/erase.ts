import { foldHandle } from '../../model/account.ts'
import { accountPool } from '../../model/quota.ts'
import type { Db, Queryable } from '../pool.ts'
import { sql } from '../sql.ts'
import { note } from '../tables/audit-log.ts'
import { type HashHandle, type KnownNames, type RequestedBy, remember } from '../tables/erasures.ts'
import { holdDays } from '../tables/report-settings.ts'
import { deletePosts } from './purge.ts'

export interface Erased {
  readonly account_id: string
  readonly posts: number
  readonly pages: number
}

export interface Erasing {
  readonly actor: string
  readonly hashHandle: HashHandle | null
  readonly requestedBy?: RequestedBy | undefined
}

/**
 * Erases an account: everything we have of it goes in one transaction, pages not read yet and ML jobs under way
 * included; a call that works on it at this moment finds nothing to write to. A tombstone stays, which reveals nothing,
 * hashes of its names, by which it is not followed again, and a row of the audit log. undefined: no such account.
 */
export async function eraseAccount(
  db: Db,
  accountId: string,
  { actor, hashHandle, requestedBy = 'us' }: Erasing,
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
    await holdDays(tx, 'to delete')
    await tx.rows(sql`delete from alerts where account_id = ${accountId}`)
    await tx.rows(sql`delete from account_days where account_id = ${accountId}`)
    await tx.rows(sql`delete from profile_metrics where account_id = ${accountId}`)
    await tx.rows(sql`delete from profiles where account_id = ${accountId}`)
    await tx.rows(sql`delete from refusals where account_id = ${accountId}`)
    await tx.rows(sql`delete from post_appearances where account_id = ${accountId}`)
    await tx.rows(sql`delete from record_issues where account_id = ${accountId}`)
    await tx.rows(sql`delete from credentials where account_id = ${accountId}`)
    await tx.rows(sql`
      update accounts set status = 'erased', status_reason = null, handle = null, handle_norm = null, native_id = null, watermark = null,
        tags = '{}', brand_id = null, client_id = null,
        whole_walk_at = null, full_walk_at = null, next_sync_at = 'infinity' where id = ${accountId}`)
    await forgetTraces(tx, account)
    // What the page of a consent said of it.
    await tx.rows(sql`
      update consents set details = '{}' where account_id = ${accountId} or details ->> 'account_id' = ${accountId}::text`)
    await remember(tx, accountId, account, { hashHandle, requestedBy })
    const counts = { posts: posts.length, pages }
    await note(tx, {
      actor,
      action: 'erase',
      about: `account ${accountId}`,
      details: { platform: account.platform, requested_by: requestedBy, ...counts },
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
