import type { SendableJob } from '../../model/ml-job.ts'
import type { Db, Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

/** Of these keys of pictures, those whose bytes another one had before, with its key. */
export async function samePictures(tx: Queryable, keys: readonly string[]): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map()
  const known = await tx.rows<{ key: string; same_as: string }>(sql`
    select content_key as key, same_as from known_pictures
    where content_key = any(${[...keys]}::uuid[]) and same_as is not null`)
  return new Map(known.map(({ key, same_as }) => [key.replaceAll('-', ''), same_as]))
}

/**
 * Notes the bytes of a picture. Where another one with the same was fetched before and is not gone, its posts, plans and
 * jobs go over to that one, unless some were sent already, and its copy is not wanted any more. Returns whether that is so.
 */
export const recognisePicture = (
  db: Db,
  key: string,
  { sha256, looks }: { readonly sha256: Buffer; readonly looks: string | null },
): Promise<boolean> =>
  db.transaction(async (tx) => {
    // Two with the same bytes that are fetched at this moment: one of them is the first.
    await tx.rows(
      sql`select pg_advisory_xact_lock(hashtext('social-sync picture'), hashtext(${sha256.toString('hex')}))`,
    )
    const [first] = await tx.rows<{ key: string }>(sql`
      select content_key as key from known_pictures k where sha256 = ${sha256} and same_as is null
        and content_key <> ${key}::uuid and exists (select from post_media m where m.content_key = k.content_key)
        and not exists (select from ml_jobs j where j.content_key = ${key}::uuid and j.status in ('submitted', 'expired', 'done'))
      limit 1`)
    if (first) await moveOver(tx, key, first.key)
    await tx.rows(sql`
      insert into known_pictures (content_key, sha256, looks, same_as)
      values (${key}::uuid, ${sha256}, ${looks}::bigint, ${first?.key ?? null}::uuid)
      on conflict (content_key) do update set sha256 = excluded.sha256, looks = excluded.looks, same_as = excluded.same_as`)
    return first !== undefined
  })

/** Locks are taken as expanding takes them: plans, then posts. */
async function moveOver(tx: Queryable, from: string, to: string): Promise<void> {
  await tx.rows(sql`
    select from ml_plans where ${from}::uuid = any(content_keys) order by raw_page_id for update`)
  await tx.rows(sql`
    select from post_latest where post_id in (select post_id from post_media where content_key = ${from}::uuid)
    order by post_id for update`)
  await tx.rows(sql`update post_media set content_key = ${to}::uuid where content_key = ${from}::uuid`)
  await tx.rows(sql`
    update ml_plans set content_keys = array_replace(content_keys, ${from}::uuid, ${to}::uuid)
    where ${from}::uuid = any(content_keys)`)
  await tx.rows(sql`
    insert into ml_jobs (content_key, kind, provider, model, sync_task_id, raw_page_id)
    select ${to}::uuid, kind, provider, model, sync_task_id, raw_page_id from ml_jobs
    where content_key = ${from}::uuid and status in ('planned', 'submitting') order by kind, model
    on conflict (content_key, kind, model, attempt_no) do nothing`)
  await tx.rows(sql`
    insert into ml_waits (content_key, sync_task_id)
    select distinct ${to}::uuid, sync_task_id from ml_jobs
    where content_key = ${from}::uuid and sync_task_id is not null order by 2 on conflict do nothing`)
  await tx.rows(
    sql`delete from media_copies where content_key = ${from}::uuid and status = 'wanted' and object is null`,
  )
  // It has a name: an upload whose answer was lost may have put it there.
  await tx.rows(sql`
    update media_copies set status = 'doomed' where content_key = ${from}::uuid and status = 'wanted'`)
}

/** Bits in which the hashes of pictures that look the same may differ. */
const mostBits = 6

/** What the same model found in a picture that looks like that of a job; nothing that was itself taken over. Looks through all. */
export async function annotationAlike(
  db: Queryable,
  { content_key, kind, model }: Pick<SendableJob, 'content_key' | 'kind' | 'model'>,
): Promise<
  { readonly content_key: string; readonly result: string; readonly model_version: string } | undefined
> {
  const [found] = await db.rows<{ content_key: string; result: string; model_version: string }>(sql`
    select a.content_key, a.result::text as result, a.model_version from known_pictures k
    join known_pictures o on o.content_key <> k.content_key and bit_count((o.looks # k.looks)::bit(64)) <= ${mostBits}
    join annotations a on a.content_key = o.content_key and a.kind = ${kind}
    join ml_jobs j on j.id = a.ml_job_id and j.model = ${model} and j.provider_job_id not like 'same as %'
    where k.content_key = ${content_key}::uuid order by a.ml_job_id desc limit 1`)
  return found
}

/** Pictures that no post shows any more, within the transaction that finds that out. */
export const forgetPictures = (tx: Queryable, keys: readonly string[]) =>
  tx.rows(sql`
    delete from known_pictures where content_key = any(${[...keys]}::uuid[]) or same_as = any(${[...keys]}::uuid[])`)
