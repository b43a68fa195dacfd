import { randomBytes } from 'node:crypto'
import { StoreAway } from '../errors.ts'
import type { FarBodies } from '../model/far-bodies.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { Queryable } from './pool.ts'
import { empty, sql } from './sql.ts'

/** A page about to be kept. */
interface NewBody {
  readonly platform: string
  readonly body: Buffer
  /** SHA-256 of the body in hex. */
  readonly body_sha256: string
}

/** A ledger line, as far as its body is concerned. */
export interface BodyLine {
  readonly id: string
  /** null: the body is in PostgreSQL. */
  readonly body_key: string | null
}

/** Where raw answers lie. Those put before in another store are read from it still. */
export interface BodyStore {
  /** Throws a StoreAway when nothing can be put. */
  check(): Promise<void>
  /**
   * Before the transaction that keeps ledger lines: puts bodies that lie outside of PostgreSQL, so that no line is ever without one.
   * Returns a key for each; null: it is kept within the transaction.
   */
  put(db: Queryable, pages: readonly NewBody[]): Promise<readonly (string | null)[]>
  /** Texts by the ids of their lines; one that is gone is missing. */
  read(db: Queryable, lines: readonly BodyLine[]): Promise<Map<string, string>>
  /** Removes what transactions gave up, and what was put for one that never came, so many at most. Returns how many went. */
  remove(db: Queryable, limit: number, newestFirst?: boolean): Promise<number>
  /** Keeps what would end by itself and is needed still, so many at most. Returns how many. */
  prolong(db: Queryable, limit: number): Promise<number>
  close(): Promise<void>
}

const nothing = async () => 0

/** Bodies in PostgreSQL, beside their lines. */
export const inPostgres: BodyStore = {
  check: async () => undefined,
  put: async (_db, pages) => pages.map(() => null),
  read: async (db, lines) => {
    if (lines.some(({ body_key }) => body_key !== null))
      throw new StoreAway('some raw answers are in YDB: set YDB_URL')
    return readNear(db, lines)
  },
  remove: nothing,
  prolong: nothing,
  close: async () => undefined,
}

/**
 * Bodies outside, and those that are in PostgreSQL still.
 * @param puts false: new ones go to PostgreSQL
 */
export const outside = (far: FarBodies, { puts }: { readonly puts: boolean }): BodyStore => ({
  check: async () => {
    if (puts) await far.get([crypto.randomUUID()])
  },
  put: async (db, pages) => {
    if (!puts) return inPostgres.put(db, pages)
    const keys = pages.map(({ body_sha256 }) => newKey(body_sha256))
    const expiresAt = await intend(db, keys)
    await far.put(
      pages.map(({ platform, body }, place) => ({
        ...{ key: keys[place] ?? '', body },
        expiresAt: expiresAt(platform),
      })),
    )
    return keys
  },
  read: async (db, lines) => {
    const texts = await readNear(db, lines)
    const keyOf = new Map(lines.flatMap(({ id, body_key }) => (body_key === null ? [] : [[id, body_key]])))
    if (keyOf.size === 0) return texts
    const found = await far.get([...keyOf.values()])
    for (const [id, key] of keyOf) {
      const text = found.get(key)
      if (text !== undefined) texts.set(id, text)
    }
    return texts
  },
  remove: async (db, limit, newestFirst = false) => {
    // From now on no transaction takes them; a process that dies leaves them to the next call.
    const rows = await db.rows<{ key: string }>(sql`
      update doomed_bodies set removing = true where body_key in (
        select body_key from doomed_bodies where noted_at <= app_now()
        order by ${newestFirst ? sql`noted_at desc` : sql`noted_at`} limit ${limit} for update skip locked)
      returning body_key as key`)
    const keys = rows.map(({ key }) => key)
    if (keys.length === 0) return 0
    await far.remove(keys)
    await db.rows(sql`delete from doomed_bodies where body_key = any(${keys}::uuid[])`)
    return keys.length
  },
  prolong: async (db, limit) => {
    const lines = await db.rows<{ id: string; key: string; platform: string }>(sql`
      select id, body_key as key, platform from raw_pages
      where body_key is not null and body_until < app_now() + ${aheadDays} * interval '1 day' order by body_until limit ${limit}`)
    if (lines.length === 0) return 0
    const expiresAt = await endsOf(db)
    for (const [platform, group] of Map.groupBy(lines, (line) => line.platform)) {
      await far.prolong(
        group.map(({ key }) => key),
        expiresAt(platform),
      )
      await db.rows(sql`
        update raw_pages p set body_until = ${bodyUntil(sql`p.platform`)}
        where id = any(${group.map(({ id }) => id)}::bigint[]) and body_key is not null`)
    }
    return lines.length
  },
  close: () => far.close(),
})

/** A page, as `p`, whose body is there. */
export const hasBody = sql`(coalesce(p.body_until > app_now(), false) or exists (
  select from raw_bodies b where b.raw_page_id = p.id and b.fetched_on = (p.fetched_at at time zone 'UTC')::date))`

const atOnce = 500

/**
 * Deletes bodies outside that committed transactions gave up. A failure is only logged: they stay noted, and the next call tries again.
 * @param signal ends it
 * @param most about so many, the newest first; absent: all, the oldest first
 */
export async function removeGivenUp(
  { db, bodies, log }: Removing,
  signal: AbortSignal,
  most?: number,
): Promise<number> {
  let removed = 0
  try {
    while (!signal.aborted && removed < (most ?? Number.POSITIVE_INFINITY)) {
      const count = await bodies.remove(db, atOnce, most !== undefined)
      removed += count
      if (count < atOnce) break
    }
  } catch (error) {
    log.warn({ error }, 'bodies that were given up are deleted later')
  }
  return removed
}

interface Removing {
  readonly db: Queryable
  readonly bodies: BodyStore
  readonly log: Logger
}

/** Texts in PostgreSQL, found by their partitions. */
async function readNear(db: Queryable, lines: readonly BodyLine[]): Promise<Map<string, string>> {
  const ids = lines.flatMap(({ id, body_key }) => (body_key === null ? [id] : []))
  if (ids.length === 0) return new Map()
  const rows = await db.rows<{ id: string; body: string }>(sql`
    select b.raw_page_id as id, b.body
    from raw_pages p join raw_bodies b on b.raw_page_id = p.id and b.fetched_on = (p.fetched_at at time zone 'UTC')::date
    where p.id = any(${ids}::bigint[])`)
  return new Map(rows.map(({ id, body }) => [id, body]))
}

/** Content and page: half of the content's hash, which spreads keys evenly, and a half that no other page has. */
function newKey(sha256: string): string {
  const hex = `${sha256.slice(0, 16)}${randomBytes(8).toString('hex')}`
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** Beyond its retention, for what is not read yet when that ends, and for clocks that differ. */
const marginDays = 30
/** At most so long before it would end a body is prolonged. */
const aheadDays = 15

/** Until when a body kept now stays by itself; infinity: for good. */
export const bodyUntil = (platform: ReturnType<typeof sql>) => sql`
  coalesce(app_now() + (select keep_days + ${marginDays} from retention rule where rule.field_group = 'raw' and rule.platform = ${platform})
    * interval '1 day', 'infinity')`

/** A transaction that keeps lines follows its bodies within this time, or never. */
const followsWithinHours = 2

/**
 * Notes keys of bodies about to be put: unless a transaction takes them as its own, they are removed. Returns when a body of a platform ends
 * by itself, by the clock of the database; null: never.
 */
async function intend(db: Queryable, keys: readonly string[]): Promise<(platform: string) => Date | null> {
  return endsOf(
    db,
    sql`with noted as (
      insert into doomed_bodies (body_key, noted_at)
      select unnest(${keys}::uuid[]), app_now() + ${followsWithinHours} * interval '1 hour')`,
  )
}

/** Within the transaction that keeps their lines: the bodies stay. Throws a StoreAway when one was removed already. */
export async function takeBodies(tx: Queryable, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  const taken = await tx.rows(
    sql`delete from doomed_bodies where not removing and body_key = any(${[...keys]}::uuid[]) returning body_key`,
  )
  if (taken.length < keys.length) throw new StoreAway('bodies were removed before their pages were kept')
}

/** @param first what the same statement does before */
async function endsOf(db: Queryable, first = empty): Promise<(platform: string) => Date | null> {
  const rows = await db.rows<{ platform: string; ends: Date }>(sql`
    ${first} select platform, app_now() + (keep_days + ${marginDays}) * interval '1 day' as ends from retention
    where field_group = 'raw' and keep_days is not null`)
  const endOf = new Map(rows.map(({ platform, ends }) => [platform, ends]))
  return (platform) => endOf.get(platform) ?? null
}
