import { DatabaseSync } from 'node:sqlite'

export interface Row {
  readonly key: Uint8Array
  readonly body: Uint8Array
  /** Microseconds since 1970; null: it stays. */
  readonly expires_at: bigint | null
}

/** Tables of rows with a key of bytes, a body and an end, in a file or in memory. */
export interface Tables {
  has(table: string): boolean
  create(table: string): void
  drop(table: string): void
  upsert(table: string, rows: readonly Row[]): void
  get(table: string, keys: readonly Uint8Array[]): Row[]
  remove(table: string, keys: readonly Uint8Array[]): void
  setEnd(table: string, keys: readonly Uint8Array[], end: bigint | null): void
  /** Deletes rows whose end has passed. */
  expire(now: Date): void
  count(table: string): number
  close(): void
}

const nowOf = (time: Date) => BigInt(time.getTime()) * 1_000n

export function openTables(file: string): Tables {
  const db = new DatabaseSync(file)
  db.exec(`
    pragma journal_mode = wal;
    create table if not exists tables (name text primary key);
    create table if not exists cells (tab text, key blob, body blob, expires_at integer, primary key (tab, key)) without rowid`)
  const each = (
    table: string,
    keys: readonly Uint8Array[],
    statement: string,
    ...values: (bigint | null)[]
  ) => {
    const prepared = db.prepare(statement)
    prepared.setReadBigInts(true)
    return keys.flatMap((key) => prepared.all(...values, table, key) as unknown as Row[])
  }
  return {
    has: (table) => db.prepare('select 1 from tables where name = ?').get(table) !== undefined,
    create: (table) => void db.prepare('insert or ignore into tables values (?)').run(table),
    drop: (table) => {
      db.prepare('delete from cells where tab = ?').run(table)
      db.prepare('delete from tables where name = ?').run(table)
    },
    upsert: (table, rows) => {
      const put = db.prepare('insert or replace into cells values (?, ?, ?, ?)')
      db.exec('begin')
      for (const { key, body, expires_at } of rows) put.run(table, key, body, expires_at)
      db.exec('commit')
    },
    get: (table, keys) =>
      each(table, keys, 'select key, body, expires_at from cells where tab = ? and key = ?'),
    remove: (table, keys) => void each(table, keys, 'delete from cells where tab = ? and key = ?'),
    setEnd: (table, keys, end) =>
      void each(table, keys, 'update cells set expires_at = ? where tab = ? and key = ?', end),
    expire: (now) => void db.prepare('delete from cells where expires_at < ?').run(nowOf(now)),
    count: (table) =>
      Number(db.prepare('select count(*) as n from cells where tab = ?').get(table)?.['n'] ?? 0),
    close: () => db.close(),
  }
}
