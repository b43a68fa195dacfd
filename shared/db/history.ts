import type { Queryable } from './pool.ts'
import { join, raw, rowsParam, type Sql, sql } from './sql.ts'

/** A history of numbers, and the table whose row says which of its rows is the newest. */
interface History {
  readonly table: Sql
  readonly latest: Sql
  /** Whose numbers they are. */
  readonly key: string
  readonly numbers: readonly string[]
}

const postHistory: History = {
  table: raw('post_metrics'),
  latest: raw('post_latest'),
  key: 'post_id',
  numbers: ['views', 'likes', 'comments', 'shares', 'saves'],
}
const profileHistory: History = {
  table: raw('profile_metrics'),
  latest: raw('profiles'),
  key: 'account_id',
  numbers: ['followers', 'following', 'posts', 'views', 'likes'],
}

/** A row of a history, with the key of its table. */
interface HistoryRow {
  readonly observed_at: Date
}
type PostRow = HistoryRow & { readonly post_id: string }
type ProfileRow = HistoryRow & { readonly account_id: string }

/** Appends to the history of posts. Of two answers of one moment the later call holds. */
export const appendPostMetrics = (tx: Queryable, rows: readonly PostRow[]) => append(tx, postHistory, rows)

/** Puts late answers into the history of posts, where they are news at their time. */
export const appendLatePostMetrics = (tx: Queryable, rows: readonly PostRow[]) =>
  appendLate(tx, postHistory, rows, ({ post_id }) => post_id)

/** Appends to the history of profiles, as to that of posts. */
export const appendProfileMetrics = (tx: Queryable, rows: readonly ProfileRow[]) =>
  append(tx, profileHistory, rows)

/** Puts late answers into the history of profiles. */
export const appendLateProfileMetrics = (tx: Queryable, rows: readonly ProfileRow[]) =>
  appendLate(tx, profileHistory, rows, ({ account_id }) => account_id)

const numbersOf = (history: History, table: string) =>
  join(history.numbers.map((name) => raw(`${table}.${name}`)))

const recordset = ({ key, numbers }: History, rows: readonly object[]) => sql`
  json_to_recordset(${rowsParam(rows)}::json)
    as r(${raw(key)} bigint, observed_at timestamptz, ${raw(numbers.map((name) => `${name} bigint`).join(', '))})`

const putRight = ({ key, numbers }: History) => sql`
  on conflict (${raw(key)}, observed_at) do update set (${raw(numbers.join(', '))})
    = row(${raw(numbers.map((name) => `excluded.${name}`).join(', '))})`

async function append(tx: Queryable, history: History, rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return
  const key = raw(history.key)
  const columns = sql`${key}, observed_at, ${raw(history.numbers.join(', '))}`
  await tx.rows(sql`
    insert into ${history.table} (${columns}) select ${columns} from ${recordset(history, rows)}
    order by ${key}, observed_at ${putRight(history)}`)
}

/**
 * Late rows, one of each key at a time, the oldest first, so that each meets the history as the ones before have left it.
 * What is left is as if all had come in order: no row says what the one before says within a day of it.
 */
async function appendLate<Row extends HistoryRow>(
  tx: Queryable,
  history: History,
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): Promise<void> {
  const byKey = [...Map.groupBy(rows, keyOf).values()].map((ofOne) =>
    ofOne.toSorted((a, b) => a.observed_at.getTime() - b.observed_at.getTime()),
  )
  const rounds = Math.max(0, ...byKey.map((ofOne) => ofOne.length))
  for (let round = 0; round < rounds; round += 1) {
    const turn = byKey.flatMap((ofOne) => ofOne[round] ?? [])
    await insertLate(tx, history, turn)
    await dropRepeated(tx, history, turn)
    await correctLatest(tx, history, turn)
  }
}

/** Those whose numbers differ from the ones in force at their time; a row of the same moment is put right. */
async function insertLate(tx: Queryable, history: History, rows: readonly object[]): Promise<void> {
  const key = raw(history.key)
  await tx.rows(sql`
    insert into ${history.table} (${key}, observed_at, ${raw(history.numbers.join(', '))})
    select r.${key}, r.observed_at, ${numbersOf(history, 'r')} from ${recordset(history, rows)}
    left join lateral (
      select m.* from ${history.table} m where m.${key} = r.${key} and m.observed_at <= r.observed_at
      order by m.observed_at desc limit 1
    ) before on true
    where before.${key} is null or before.observed_at < r.observed_at - interval '24 hours'
      or (${numbersOf(history, 'before')}) is distinct from (${numbersOf(history, 'r')})
    order by r.${key}, r.observed_at ${putRight(history)}`)
}

/** Where a late row now says what a neighbour says within a day, the later of the two goes. */
async function dropRepeated(tx: Queryable, history: History, rows: readonly object[]): Promise<void> {
  const key = raw(history.key)
  await tx.rows(sql`
    with placed as (
      select m.* from ${recordset(history, rows)}
      join ${history.table} m on m.${key} = r.${key} and m.observed_at = r.observed_at
    ), pairs as (
      select p.${key}, p.observed_at as later from placed p cross join lateral (
        select m.* from ${history.table} m where m.${key} = p.${key} and m.observed_at < p.observed_at
        order by m.observed_at desc limit 1) b
      where b.observed_at >= p.observed_at - interval '24 hours' and (${numbersOf(history, 'b')}) is not distinct from (${numbersOf(history, 'p')})
      union all
      select p.${key}, a.observed_at from placed p cross join lateral (
        select m.* from ${history.table} m where m.${key} = p.${key} and m.observed_at > p.observed_at
        order by m.observed_at limit 1) a
      where a.observed_at <= p.observed_at + interval '24 hours' and (${numbersOf(history, 'a')}) is not distinct from (${numbersOf(history, 'p')})
    )
    delete from ${history.table} d using pairs where d.${key} = pairs.${key} and d.observed_at = pairs.later`)
}

/**
 * The latest numbers are those of the newest row of the history. Where late rows left another one newest, the latest
 * numbers become news again, at their own time; where the row of that very time was put right, so are they.
 */
async function correctLatest(tx: Queryable, history: History, rows: readonly object[]): Promise<void> {
  const key = raw(history.key)
  const numbers = raw(history.numbers.join(', '))
  const newest = sql`
    (select distinct ${key} from ${recordset(history, rows)}) r join ${history.latest} l on l.${key} = r.${key}
    cross join lateral (
      select m.* from ${history.table} m where m.${key} = r.${key} order by m.observed_at desc limit 1) m`
  await tx.rows(sql`
    insert into ${history.table} (${key}, observed_at, ${numbers})
    select l.${key}, l.observed_at, ${numbersOf(history, 'l')} from ${newest}
    where m.observed_at < l.observed_at and (${numbersOf(history, 'm')}) is distinct from (${numbersOf(history, 'l')})
    order by l.${key}`)
  await tx.rows(sql`
    with found as (select m.* from ${newest})
    update ${history.latest} l set (metrics_at, ${numbers}) = row(m.observed_at, ${numbersOf(history, 'm')}) from found m
    where l.${key} = m.${key} and (l.metrics_at is distinct from m.observed_at
      or (${numbersOf(history, 'm')}) is distinct from (${numbersOf(history, 'l')}))`)
}

/** Newest numbers that are not those of the newest row of the history. */
export const unlikeNewest = (history: 'posts' | 'profiles'): string => {
  const { table, latest, key, numbers } = history === 'posts' ? postHistory : profileHistory
  const list = (of: string) => numbers.map((name) => `${of}.${name}`).join(', ')
  return `
    select l.${key} as id, '${history}' as what from ${latest.sql} l cross join lateral (
      select m.* from ${table.sql} m where m.${key} = l.${key} order by m.observed_at desc limit 1) m
    where m.observed_at > l.metrics_at or l.metrics_at is null
      or (m.observed_at = l.metrics_at and (${list('m')}) is distinct from (${list('l')}))`
}

/** Rows of the history that say what the one before says, within a day of it. */
export const repeated = (history: 'posts' | 'profiles'): string => {
  const { table, key, numbers } = history === 'posts' ? postHistory : profileHistory
  const row = `row(${numbers.join(', ')})`
  return `
    select ${key} as id, observed_at::text as what from (
      select ${key}, observed_at, ${row} as said, lag(${row}) over w as before, lag(observed_at) over w as before_at
      from ${table.sql} window w as (partition by ${key} order by observed_at)
    ) said where said is not distinct from before and before_at >= observed_at - interval '24 hours'`
}
