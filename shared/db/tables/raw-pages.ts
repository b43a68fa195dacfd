import { StoreAway } from '../../errors.ts'
import type { Platform } from '../../model/account.ts'
import { type BodyLine, type BodyStore, inPostgres } from '../body-store.ts'
import { columns } from '../columns.ts'
import type { Queryable } from '../pool.ts'
import { empty, type Sql, sql } from '../sql.ts'

/** A page taken to be transformed; every write names the token of the claim. */
export interface ClaimedPage extends PageLine {
  /** null: it is gone, or damaged. */
  readonly body: string | null
}

/** The same without its body. */
export interface PageLine extends BodyLine {
  readonly sync_task_id: string
  readonly account_id: string
  readonly platform: Platform
  readonly endpoint: string
  readonly claim_token: string
  /** Claims, this one included, that counted as attempts. */
  readonly attempts: number
  readonly fetched_at: Date
  /** When it is due again if this claim comes to nothing. */
  readonly retry_at: Date
  readonly traceparent: string | null
  readonly asked: readonly string[] | null
  /** It was transformed before, by other rules perhaps: what it says is written again. */
  readonly is_replay: boolean
}

export interface PageClaim {
  readonly pages: number
  readonly bytes: number
  /** Of these tasks alone; null or absent: of any. */
  readonly ofTasks?: readonly string[] | null
}

/**
 * Takes stored pages of one platform that are due, by lane and id, and counts the attempt before the work, so that a page
 * that kills the process is counted. One platform, since a transaction that writes several would lock posts of the second
 * after ML jobs of the first. A page tried twice is taken alone. Bodies come in a second step.
 */
export async function claimPages(
  db: Queryable,
  claim: PageClaim,
  bodies: BodyStore = inPostgres,
): Promise<ClaimedPage[]> {
  const wanted = claim.ofTasks ? sql`and sync_task_id = any(${[...claim.ofTasks]}::bigint[])` : empty
  const pages = await db.rows<PageLine>(sql`
    with due as materialized (
      select id, lane, platform, body_bytes, attempts from raw_pages
      where status = 'stored' and retry_at <= app_now() ${wanted}
      order by lane, id limit ${claim.pages} for update skip locked
    ), ranked as (
      select id, attempts, row_number() over w as place, sum(body_bytes) over w as bytes,
        bool_or(attempts >= 2) over w as after_risky, first_value(attempts) over w as first_attempts
      from due where platform = (select platform from due order by lane, id limit 1) window w as (order by lane, id)
    ), taken as (
      select id from ranked where place = 1 or (bytes <= ${claim.bytes} and not after_risky and first_attempts < 2)
    )
    update raw_pages p set attempts = p.attempts + 1, claim_token = p.claim_token + 1,
      retry_at = app_now() + least(interval '1 hour', interval '2 minutes' * power(2, least(p.attempts, 10)))
    from taken where p.id = taken.id
    returning p.id, p.sync_task_id, p.account_id, p.platform, p.endpoint, p.claim_token, p.attempts, p.fetched_at, p.retry_at,
      p.traceparent, p.asked, p.transform_version is not null as is_replay, p.body_key`)
  return withBodies(db, bodies, pages)
}

/** A store that is away says nothing about the pages that lie there: they are given back, and the others go on. */
async function withBodies(
  db: Queryable,
  bodies: BodyStore,
  pages: readonly PageLine[],
): Promise<ClaimedPage[]> {
  try {
    const texts = await bodies.read(db, pages)
    return pages
      .map((page) => ({ ...page, body: texts.get(page.id) ?? null }))
      .sort((a, b) => Number(a.id) - Number(b.id))
  } catch (error) {
    const near = pages.filter(({ body_key }) => body_key === null)
    const isFar = error instanceof StoreAway && near.length < pages.length
    await uncountPages(db, isFar ? pages.filter(({ body_key }) => body_key !== null) : pages)
    if (isFar && near.length > 0) return withBodies(db, bodies, near)
    throw error
  }
}

type Token = Pick<ClaimedPage, 'id' | 'claim_token'>
const token = columns<Token>({ id: 'bigint', claim_token: 'bigint' })
const tokensOf = (pages: readonly Token[]) => pages.map(({ id, claim_token }) => ({ id, claim_token }))

/** Locks claimed pages that are still ours, in id order; another claim or a cancel since then leaves them out. */
export async function holdPages(tx: Queryable, pages: readonly ClaimedPage[]): Promise<Set<string>> {
  const held = await tx.rows<{ id: string }>(sql`
    select p.id from raw_pages p
    join ${token.rows(tokensOf(pages))} on r.id = p.id and r.claim_token = p.claim_token
    where p.status = 'stored' order by p.id for update of p`)
  return new Set(held.map((page) => page.id))
}

/**
 * Of these pages, those for which a later page of the same account and time has already been transformed: what they say counts
 * as older.
 */
export async function pagesOvertaken(tx: Queryable, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const rows = await tx.rows<{ id: string }>(sql`
    select p.id from raw_pages p where p.id = any(${[...new Set(ids)]}::bigint[]) and exists (
      select from raw_pages n where n.account_id = p.account_id and n.fetched_at = p.fetched_at and n.id > p.id
        and n.status = 'transformed')`)
  return new Set(rows.map(({ id }) => id))
}

/** What became of the records of one page; the parts add up to `records_in`. */
export interface PageCounts {
  readonly id: string
  readonly records_in: number
  readonly normalised: number
  readonly unchanged: number
  readonly stale: number
  readonly duplicate: number
  readonly quarantined: number
}

const counted = columns<Omit<PageCounts, 'id'>>({
  records_in: 'int',
  normalised: 'int',
  unchanged: 'int',
  stale: 'int',
  duplicate: 'int',
  quarantined: 'int',
})
const lineCounts = columns<Pick<PageCounts, 'id'>>({ id: 'bigint' }).and(counted)

export async function settlePages(
  tx: Queryable,
  counts: readonly PageCounts[],
  transformVersion: number,
): Promise<void> {
  await tx.rows(sql`
    update raw_pages p set status = 'transformed', settled_at = app_now(), transform_version = ${transformVersion},
      error = null, ${counted.setFrom('r')}
    from ${lineCounts.rows(counts)}
    where p.id = r.id`)
}

/** Pages, as `p`, that are never read: their answers stay as they are. In id order. Returns them. */
export async function dropPages(tx: Queryable, which: Sql): Promise<string[]> {
  const dropped = await tx.rows<{ id: string }>(sql`
    with held as (select p.id from raw_pages p where ${which} order by p.id for update of p)
    update raw_pages p set status = 'dropped', settled_at = app_now() from held where p.id = held.id returning p.id`)
  return dropped.map((page) => page.id)
}

/** Pages, as `p`, are stored again, with no attempt counted; why they were parked is remembered. In id order. Returns them. */
export async function storeAgain(tx: Queryable, which: Sql): Promise<string[]> {
  const back = await tx.rows<{ id: string }>(sql`
    with held as (select p.id from raw_pages p where ${which} order by p.id for update of p)
    update raw_pages p set status = 'stored', attempts = 0, retry_at = app_now(), settled_at = null,
      error = case when p.error is not null then jsonb_build_object('before', p.error -> 'reason') end
    from held where p.id = held.id returning p.id`)
  return back.map((page) => page.id)
}

/** Gives claimed pages back as if they had not been claimed; they are due in a minute. */
export async function uncountPages(db: Queryable, pages: readonly Token[]): Promise<void> {
  await db.rows(sql`
    with held as (
      select p.id from raw_pages p join ${token.rows(tokensOf(pages))} on r.id = p.id and r.claim_token = p.claim_token
      where p.status = 'stored' order by p.id for no key update of p
    )
    update raw_pages p set attempts = p.attempts - 1, retry_at = app_now() + interval '1 minute' from held where p.id = held.id`)
}

export interface PageFault {
  readonly id: string
  readonly claim_token: string
  readonly reason: string
  readonly message: string
}

/** Records why a page failed, beside why it had been parked before; parks it when asked to, guarded by its token. */
export async function faultPage(db: Queryable, fault: PageFault, park: boolean): Promise<void> {
  const error = JSON.stringify({ reason: fault.reason, message: fault.message })
  await db.rows(sql`
    update raw_pages set
      error = ${error}::jsonb || case when error ? 'before' then jsonb_build_object('before', error -> 'before') else '{}' end,
      status = case when ${park}::boolean then 'parked' else status end,
      settled_at = case when ${park}::boolean then app_now() end
    where id = ${fault.id} and status = 'stored' and claim_token = ${fault.claim_token}`)
}
