import {
  type ContentType,
  contentType,
  type MlContent,
  type MlKind,
  type SendableJob,
} from '../../../model/ml-job.ts'
import { columns } from '../../columns.ts'
import type { Db, Queryable } from '../../pool.ts'
import { raw, type Sql, sql } from '../../sql.ts'
import { isToSend } from './contents.ts'

/** How long a claimed job is its sender's. */
export const sendLease = sql`interval '90 seconds'`

/** By which a sender names the jobs it has claimed. */
export const claims = columns<Pick<SendableJob, 'id' | 'claim_token'>>({
  id: 'bigint',
  claim_token: 'bigint',
})

/** A job `j` whose picture is yet to be copied: for a day it waits for that. */
const isHeld = sql`exists (
  select from media_copies c where c.content_key = j.content_key and c.status = 'wanted' and c.wanted_at > app_now() - interval '1 day')`

const sendable = sql`j.id, j.content_key, coalesce(j.sent_as, md5(j.content_key || j.kind || '|' || j.model)) as sent_as, j.kind, j.model,
  j.attempt_no, j.claim_token, j.attempts, coalesce(j.first_sent_at, j.created_at) as first_sent_at,
  (select p.traceparent from raw_pages p where p.id = j.raw_page_id) as traceparent`

export interface Claimed {
  readonly jobs: readonly SendableJob[]
  /** Jobs whose content no post has any more: given up, since they would be paid for in vain. */
  readonly unwanted: readonly string[]
}

/**
 * Takes planned jobs of a provider that are due, and those whose sender died, with what they are about. Contents are read under the locks of
 * their jobs, by a statement of its own: a post that gets one at this moment either is seen here, or finds its job given up
 * and gets a further attempt.
 * @param only of that kind and model
 */
export async function claimToSubmit(
  db: Db,
  provider: string,
  limit: number,
  only?: Pick<Waiting, 'kind' | 'model'>,
): Promise<Claimed> {
  return db.transaction(async (tx) => {
    const rows = await tx.rows<Omit<SendableJob, 'content'>>(sql`
      with due as (
        select id, status from ml_jobs j where provider = ${provider} and ${isToSend} and next_at <= app_now() and not ${isHeld}
          and (${only?.kind ?? null}::text is null or (kind, model) = (${only?.kind ?? null}, ${only?.model ?? null}))
        order by next_at, id limit ${limit} for update skip locked
      )
      update ml_jobs j set status = 'submitting', attempts = j.attempts + 1,
        claim_token = j.claim_token + 1, next_at = app_now() + ${sendLease}, first_sent_at = coalesce(j.first_sent_at, app_now())
      from due where j.id = due.id
      returning ${sendable}, due.status = 'submitting' as interrupted`)
    return withContents(tx, rows)
  })
}

/** Jobs of one kind and model that wait to be sent. */
export interface Waiting {
  readonly kind: MlKind
  readonly model: string
  /** Counted up to the limit. */
  readonly jobs: number
  /** Since when the oldest does; one that has failed before, since it is due again. */
  readonly since: Date
  readonly now: Date
}

/** What waits to be sent to a provider, those first that wait longest. */
export const waitingToSend = (db: Queryable, provider: string, limit: number) =>
  db.rows<Waiting>(sql`
    select kind, model, count(*)::int as jobs, min(case when error is null then created_at else next_at end) as since, app_now() as now
    from (
      select kind, model, created_at, next_at, error from ml_jobs j
      where provider = ${provider} and ${isToSend} and next_at <= app_now() and not ${isHeld}
      order by next_at, id limit ${limit}) due
    group by kind, model order by since`)

/** Keeps jobs that were claimed a while ago for the claimer. Returns those that still are the claimer's. */
export async function holdOn(
  db: Queryable,
  jobs: readonly Pick<SendableJob, 'id' | 'claim_token'>[],
): Promise<ReadonlySet<string>> {
  const held = await db.rows<{ id: string }>(sql`
    update ml_jobs j set next_at = app_now() + ${sendLease}
    from ${claims.rows(jobs.map(({ id, claim_token }) => ({ id, claim_token })))}
    where j.id = r.id and j.claim_token = r.claim_token and j.status = 'submitting' returning j.id`)
  return new Set(held.map(({ id }) => id))
}

/** Adds to jobs just taken what they are about. */
async function withContents(tx: Queryable, rows: readonly Omit<SendableJob, 'content'>[]): Promise<Claimed> {
  const contents = await readContents(tx, rows)
  const jobs = rows.flatMap((job) => {
    const content = contents.get(job.content_key)
    return content ? [{ ...job, content }] : []
  })
  const unwanted = rows.flatMap(({ id, content_key }) => (contents.has(content_key) ? [] : [id]))
  await giveUp(tx, unwanted)
  return { jobs, unwanted }
}

/** Jobs of a provider that this transaction made, taken to be sent from the beginning; those that wait for a copy are left. */
export async function takeMade(tx: Queryable, ids: readonly string[]): Promise<Claimed> {
  if (ids.length === 0) return { jobs: [], unwanted: [] }
  await tx.rows(sql`
    update ml_jobs j set status = 'planned', attempts = 0, next_at = app_now(), first_sent_at = null
    where j.id = any(${[...ids]}::bigint[]) and ${isHeld}`)
  return withContents(
    tx,
    await tx.rows(sql`
      select ${sendable}, false as interrupted from ml_jobs j
      where j.id = any(${[...ids]}::bigint[]) and j.status = 'submitting' order by j.id`),
  )
}

/** With what a job of a provider is born: where that is the sender's, which sends it at once. */
export const newborn = (provider: Sql, sender: string) => {
  const isSent = sql`(${provider} = ${sender}::text)`
  return {
    list: raw('status, attempts, claim_token, next_at, first_sent_at'),
    values: sql`case when ${isSent} then 'submitting' else 'planned' end, ${isSent}::int, ${isSent}::int,
      case when ${isSent} then app_now() + ${sendLease} else app_now() end, case when ${isSent} then app_now() end`,
  }
}

async function readContents(
  tx: Queryable,
  jobs: readonly Pick<SendableJob, 'content_key' | 'kind'>[],
): Promise<Map<string, MlContent>> {
  if (jobs.length === 0) return new Map()
  const keysOf = (content: ContentType) => [
    ...new Set(jobs.flatMap((job) => (contentType[job.kind] === content ? [job.content_key] : []))),
  ]
  const found = await tx.rows<ContentRow>(sql`
    select k.key, 'text' as kind, p.title, p.body, p.lang, null as media_kind, null as url, null as copy_status, null as object
    from unnest(${keysOf('text')}::uuid[]) k(key)
    cross join lateral (select title, body, lang from posts where text_key = k.key order by id limit 1) p
    union all
    select k.key, 'picture', null, null, null, m.kind, m.url, c.status, c.object from unnest(${keysOf('picture')}::uuid[]) k(key)
    cross join lateral (
      select kind, url from post_media where content_key = k.key and url is not null
      order by url_expires_at desc nulls first, post_id, id limit 1) m
    left join media_copies c on c.content_key = k.key`)
  return new Map(
    found.map(({ key, kind, title, body, lang, media_kind, url, copy_status: status, object }) => [
      key,
      kind === 'text'
        ? { kind, title, body, lang }
        : { kind, media_kind, url, copy: status === null ? null : { status, object } },
    ]),
  )
}

type ContentRow = {
  readonly key: string
  readonly copy_status: string | null
  readonly object: string | null
} & (
  | (Extract<MlContent, { kind: 'text' }> & { readonly media_kind: null; readonly url: null })
  | (Omit<Extract<MlContent, { kind: 'picture' }>, 'copy'> & {
      readonly title: null
      readonly body: null
      readonly lang: null
    })
)

async function giveUp(tx: Queryable, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await tx.rows(sql`
    update ml_jobs set status = 'cancelled', finished_at = app_now(), error = null where id = any(${[...ids]}::bigint[])`)
}
