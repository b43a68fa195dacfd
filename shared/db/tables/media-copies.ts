import type { Platform } from '../../model/account.ts'
import { columns } from '../columns.ts'
import type { Db, Queryable } from '../pool.ts'
import { type Sql, sql } from '../sql.ts'
import { isAwaited } from './ml-jobs/contents.ts'

/** A picture whose copy is wanted. */
export interface WantedCopy {
  readonly content_key: string
  readonly platform: Platform
}
const wanted = columns<WantedCopy>({ content_key: 'uuid', platform: 'text' })

/** Has pictures copied that are not yet, in the transaction that plans their jobs; one that could not be is tried once more. */
export async function wantCopies(tx: Queryable, copies: readonly WantedCopy[]): Promise<void> {
  if (copies.length === 0) return
  await tx.rows(sql`
    insert into media_copies as c (${wanted.list}) select distinct ${wanted.of('r')} from ${wanted.rows(copies)} order by 1
    on conflict (content_key) do update set status = 'wanted', attempts = 0, next_at = app_now(), wanted_at = app_now(), error = null
    where c.status = 'failed' and c.object is null`)
}

/** A copy that was taken to be made. */
export interface TakenCopy {
  readonly content_key: string
  readonly attempts: number
  /** A link to the picture, that of the longest life. null: no post shows it any more. */
  readonly url: string | null
}

/** Longer than fetching and storing a picture takes: until then a copy is its taker's. */
const lease = sql`interval '2 minutes'`

/** Takes wanted copies that are due, those whose links end first. */
export const takeWanted = (db: Queryable, limit: number) =>
  db.rows<TakenCopy>(sql`
    with due as (
      select content_key from media_copies where status = 'wanted' and next_at <= app_now()
      order by next_at limit ${limit} for update skip locked
    )
    update media_copies c set attempts = c.attempts + 1, next_at = app_now() + ${lease} from due
    where c.content_key = due.content_key
    returning c.content_key, c.attempts, (
      select m.url from post_media m where m.content_key = c.content_key and m.url is not null
      order by m.url_expires_at desc nulls first limit 1) as url`)

/** It is in the bucket; nothing happens where it is not wanted any more. */
export const saveCopied = (db: Queryable, key: string, bytes: number) =>
  db.rows(sql`
    update media_copies set status = 'copied', bytes = ${bytes}, copied_at = app_now(), error = null
    where content_key = ${key}::uuid and status = 'wanted'`)

/** It could not be copied: tried again after so long, or never. @param counts whether that try is the picture's own */
export const saveUncopied = (
  db: Queryable,
  key: string,
  {
    error,
    afterMs,
    counts,
  }: { readonly error: string; readonly afterMs: number | null; readonly counts: boolean },
) =>
  db.rows(sql`
    update media_copies set attempts = attempts - ${counts ? 0 : 1}, status = case when ${afterMs === null}::boolean then 'failed' else 'wanted' end, error = ${error},
      next_at = app_now() + ${afterMs ?? 0} * interval '1 millisecond'
    where content_key = ${key}::uuid and status = 'wanted'`)

/**
 * Notes the name of an object before it is there, so that none is forgotten; a further try keeps the name. Returns it. undefined: the
 * copy is not wanted any more.
 */
export async function nameObject(db: Queryable, key: string, object: string): Promise<string | undefined> {
  const [named] = await db.rows<{ object: string }>(sql`
    update media_copies set object = coalesce(object, ${object}) where content_key = ${key}::uuid and status = 'wanted'
    returning object`)
  return named?.object
}

/** Copies of contents that no post has any more, within the transaction that finds that out. */
export async function doomCopies(tx: Queryable, keys: readonly string[]): Promise<void> {
  await tx.rows(sql`
    update media_copies set status = 'doomed' where content_key = any(${[...keys]}::uuid[])`)
}

/** How long a platform allows that pictures are kept beyond their ML jobs. */
export interface KeepRule {
  readonly platform: string
  readonly most_days: number
}
const keepRule = columns<KeepRule>({ platform: 'text', most_days: 'int' })

/**
 * Dooms copies whose ML jobs have ended, once they were kept as long as `retention` says and the platform allows; one for which
 * no job was made is kept for eight days. Returns how many.
 */
export async function doomEnded(db: Queryable, rules: readonly KeepRule[], limit: number): Promise<number> {
  const doomed = await db.rows(sql`
    with rules as (
      select r.platform, least(coalesce(t.keep_days, r.most_days), r.most_days) as days
      from ${keepRule.rows(rules)} left join retention t on t.platform = r.platform and t.field_group = 'pictures'
    ), ended as (
      select c.content_key from media_copies c join rules using (platform)
      where (c.status = 'copied' or (c.status = 'failed' and c.object is not null))
        and coalesce(c.copied_at, c.wanted_at) < app_now() - greatest(rules.days * interval '1 day', interval '1 hour')
        and not ${isOf(isAwaited)}
        and (${isOf(sql`true`)} or coalesce(c.copied_at, c.wanted_at) < app_now() - interval '8 days')
      order by c.content_key limit ${limit} for update of c skip locked
    )
    update media_copies c set status = 'doomed' from ended where c.content_key = ended.content_key returning c.content_key`)
  return doomed.length
}

const isOf = (condition: Sql) =>
  sql`exists (select from ml_jobs j where j.content_key = c.content_key and ${condition})`

/** A copy that is to be removed. */
export interface Doomed {
  readonly content_key: string
  /** null: none was made. */
  readonly object: string | null
}

/** Takes doomed copies that no one is making at this moment. */
export const takeDoomed = (db: Queryable, limit: number) =>
  db.rows<Doomed>(sql`
    with due as (
      select content_key from media_copies where status = 'doomed' and next_at <= app_now()
      order by next_at limit ${limit} for update skip locked
    )
    update media_copies c set next_at = app_now() + ${lease} from due where c.content_key = due.content_key
    returning c.content_key, c.object`)

/** Its object is removed. */
export const forgetDoomed = (db: Db, key: string) =>
  db.rows(sql`delete from media_copies where content_key = ${key}::uuid and status = 'doomed'`)

/** Whether objects may be left in a bucket. */
export const hasCopies = async (db: Queryable): Promise<boolean> =>
  (await db.rows(sql`select from media_copies where object is not null limit 1`)).length > 0
