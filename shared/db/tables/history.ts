import type { PostMetrics } from '../../model/post.ts'
import type { ProfileMetrics } from '../../model/profile.ts'
import { type ColumnList, type Columns, columns } from '../columns.ts'
import type { Queryable, Transaction } from '../pool.ts'
import { raw, type Sql, sql } from '../sql.ts'
import { postMetrics, profileMetrics } from './metrics.ts'

interface At {
  readonly observed_at: Date
}
type PostRow = At & PostMetrics & { readonly post_id: string }
type ProfileRow = At & ProfileMetrics & { readonly account_id: string }

/** A history of numbers, and the table whose row says which of its rows is the newest. */
interface History<Row extends At> {
  readonly table: Sql
  readonly latest: Sql
  /** Whose numbers they are. */
  readonly key: string
  readonly numbers: ColumnList
  readonly row: Columns<Row>
}

const at = columns<At>({ observed_at: 'timestamptz' })
const postHistory: History<PostRow> = {
  table: raw('post_metrics'),
  latest: raw('post_latest'),
  key: 'post_id',
  numbers: postMetrics,
  row: columns<{ readonly post_id: string }>({ post_id: 'bigint' }).and(at).and(postMetrics),
}
const profileHistory: History<ProfileRow> = {
  table: raw('profile_metrics'),
  latest: raw('profiles'),
  key: 'account_id',
  numbers: profileMetrics,
  row: columns<{ readonly account_id: string }>({ account_id: 'bigint' }).and(at).and(profileMetrics),
}

/** Begins the history of new posts. */
export async function addPostMetrics(tx: Transaction, rows: readonly PostRow[]): Promise<void> {
  if (rows.length > 0) await tx.copy(postHistory.row.newRows('post_metrics', rows))
}

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

const putRight = ({ key, numbers }: Pick<History<At>, 'key' | 'numbers'>) => sql`
  on conflict (${raw(key)}, observed_at) do update set ${numbers.setFrom('excluded')}`

async function append<Row extends At>(
  tx: Queryable,
  { table, row, ...history }: History<Row>,
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return
  await tx.rows(sql`
    insert into ${table} (${row.list}) select ${row.of('r')} from ${row.rows(rows)}
    order by r.${raw(history.key)}, r.observed_at ${putRight(history)}`)
}

/**
 * Inserts late rows in rounds, one per key and the oldest first, so that each is compared with what the earlier ones left. The
 * result is as if all had come in order: no row repeats the one before within a day of it.
 */
async function appendLate<Row extends At>(
  tx: Queryable,
  history: History<Row>,
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
async function insertLate<Row extends At>(
  tx: Queryable,
  history: History<Row>,
  rows: readonly Row[],
): Promise<void> {
  const { table, numbers, row } = history
  const key = raw(history.key)
  await tx.rows(sql`
    insert into ${table} (${key}, observed_at, ${numbers.list})
    select r.${key}, r.observed_at, ${numbers.of('r')} from ${row.rows(rows)}
    left join lateral (
      select m.* from ${table} m where m.${key} = r.${key} and m.observed_at <= r.observed_at
      order by m.observed_at desc limit 1
    ) before on true
    where before.${key} is null or before.observed_at < r.observed_at - interval '24 hours'
      or (${numbers.of('before')}) is distinct from (${numbers.of('r')})
    order by r.${key}, r.observed_at ${putRight(history)}`)
}

/** Where a late row now says what a neighbour says within a day, the later of the two goes. */
async function dropRepeated<Row extends At>(
  tx: Queryable,
  history: History<Row>,
  rows: readonly Row[],
): Promise<void> {
  const { table, numbers, row } = history
  const key = raw(history.key)
  await tx.rows(sql`
    with placed as (
      select m.* from ${row.rows(rows)}
      join ${table} m on m.${key} = r.${key} and m.observed_at = r.observed_at
    ), pairs as (
      select p.${key}, p.observed_at as later from placed p cross join lateral (
        select m.* from ${table} m where m.${key} = p.${key} and m.observed_at < p.observed_at
        order by m.observed_at desc limit 1) b
      where b.observed_at >= p.observed_at - interval '24 hours' and (${numbers.of('b')}) is not distinct from (${numbers.of('p')})
      union all
      select p.${key}, a.observed_at from placed p cross join lateral (
        select m.* from ${table} m where m.${key} = p.${key} and m.observed_at > p.observed_at
        order by m.observed_at limit 1) a
      where a.observed_at <= p.observed_at + interval '24 hours' and (${numbers.of('a')}) is not distinct from (${numbers.of('p')})
    )
    delete from ${table} d using pairs where d.${key} = pairs.${key} and d.observed_at = pairs.later`)
}

/**
 * The latest numbers are those of the newest row of the history. If late rows have left an older row with other numbers as the
 * newest, the latest numbers are inserted again at their own time; if that very row was overwritten, they follow it.
 */
async function correctLatest<Row extends At>(
  tx: Queryable,
  history: History<Row>,
  rows: readonly Row[],
): Promise<void> {
  const { table, numbers, row } = history
  const key = raw(history.key)
  const newest = sql`
    (select distinct ${key} from ${row.rows(rows)}) r join ${history.latest} l on l.${key} = r.${key}
    cross join lateral (
      select m.* from ${table} m where m.${key} = r.${key} order by m.observed_at desc limit 1) m`
  await tx.rows(sql`
    insert into ${table} (${key}, observed_at, ${numbers.list})
    select l.${key}, l.observed_at, ${numbers.of('l')} from ${newest}
    where m.observed_at < l.observed_at and (${numbers.of('m')}) is distinct from (${numbers.of('l')})
    order by l.${key}`)
  await tx.rows(sql`
    with found as (select m.* from ${newest})
    update ${history.latest} l set (metrics_at, ${numbers.list}) = row(m.observed_at, ${numbers.of('m')}) from found m
    where l.${key} = m.${key} and (l.metrics_at is distinct from m.observed_at
      or (${numbers.of('m')}) is distinct from (${numbers.of('l')}))`)
}

/** Newest numbers that are not those of the newest row of the history. */
export const unlikeNewest = (history: 'posts' | 'profiles'): string => {
  const { table, latest, key, numbers } = history === 'posts' ? postHistory : profileHistory
  return `
    select l.${key} as id, '${history}' as what from ${latest.sql} l cross join lateral (
      select m.* from ${table.sql} m where m.${key} = l.${key} order by m.observed_at desc limit 1) m
    where m.observed_at > l.metrics_at or l.metrics_at is null
      or (m.observed_at = l.metrics_at and (${numbers.of('m').sql}) is distinct from (${numbers.of('l').sql}))`
}

/** Rows of the history that say what the one before says, within a day of it. */
export const repeated = (history: 'posts' | 'profiles'): string => {
  const { table, key, numbers } = history === 'posts' ? postHistory : profileHistory
  const row = `row(${numbers.list.sql})`
  return `
    select ${key} as id, observed_at::text as what from (
      select ${key}, observed_at, ${row} as said, lag(${row}) over w as before, lag(observed_at) over w as before_at
      from ${table.sql} window w as (partition by ${key} order by observed_at)
    ) said where said is not distinct from before and before_at >= observed_at - interval '24 hours'`
}
