import pg from 'pg'
import { RetryableError, StoreAway } from '../errors.ts'
import { copy, type NewRows } from './copy.ts'
import type { Sql } from './sql.ts'

/**
 * Runs one statement. Rows are what the statement selects; the caller names their type and validates where the SQL
 * does not make it certain. int8, numeric, json and jsonb arrive as text, timestamptz as Date.
 */
export interface Queryable {
  rows<Row extends object>(statement: Sql): Promise<Row[]>
}

export interface Transaction extends Queryable {
  /** Writes new rows by COPY, which has no `on conflict`: a key that is there already fails the transaction (23505). */
  copy(rows: NewRows): Promise<void>
}

export interface Db extends Queryable {
  /**
   * Runs the work in one transaction (read committed), again up to three times when the server broke it off to
   * resolve a conflict, so the work must do nothing but query. A lost answer to COMMIT is thrown as a RetryableError
   * with `maybeDone`: read the ledger before repeating. `patienceMs`: how long each answer is waited for, 40 s when absent.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, patienceMs?: number): Promise<T>
  end(): Promise<void>
}

export interface PoolOptions {
  readonly url: string
  readonly max: number
  /** PEM of the authority the server's certificate must come from; absent: no TLS, for a local server. */
  readonly ca?: string | undefined
  /** Transactions per connection; 1 gives each its own server session, as a transaction pooler may. */
  readonly maxUses?: number
}

const asText = new Set<number>([20, 114, 1700, 3802])
const conflicts = new Set(['40001', '40P01', '55P03'])
const transactionTries = 4

/** Thrown by the work of a transaction to have it begun again, as after a conflict that the server found. */
export class Conflict extends Error {
  override readonly name = 'Conflict'
  readonly code = '40001'
}

/** A small pool for one function instance. Connections found dead after a suspension are replaced once. */
export function openPool(options: PoolOptions): Db {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max,
    ...(options.maxUses === undefined ? {} : { maxUses: options.maxUses }),
    ...(options.ca === undefined ? {} : { ssl: { ca: options.ca, rejectUnauthorized: true } }),
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 10_000,
    // Above the server's own time-out for a statement: a socket that died silently must not hold a call for ever.
    query_timeout: 40_000,
    keepAlive: true,
    application_name: 'social-sync',
    types: { getTypeParser: parserOf },
  })
  // An idle connection that breaks is only noticed here; the next checkout gets another one.
  pool.on('error', () => undefined)
  // So does one in use, between two statements of a transaction: the next statement fails, the process goes on.
  pool.on('connect', (client) => client.on('error', () => undefined))

  return {
    rows: (statement) => onceMore(() => onClient(pool, (client) => run(client, statement))),
    transaction: (work, patienceMs) => onceMore(() => inTransaction(pool, work, patienceMs)),
    end: () => pool.end(),
  }
}

/**
 * Tries again after a conflict: the server has rolled back the whole transaction, or the single statement.
 */
async function onceMore<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      if (tries >= transactionTries || !conflicts.has(codeOf(error) ?? '')) throw error
    }
  }
}

function parserOf(oid: number, format?: 'text' | 'binary') {
  return asText.has(oid) ? (value: string) => value : pg.types.getTypeParser(oid, format)
}

async function run<Row extends object>(
  client: pg.ClientBase,
  { text, values }: Sql,
  patienceMs?: number,
): Promise<Row[]> {
  const patience = patienceMs === undefined ? {} : { query_timeout: patienceMs }
  const { rows } = await client.query<Row>({ text, values, ...patience })
  return rows
}

/** Clients that have answered before: only these can have died while the instance was suspended. */
const proven = new WeakSet<pg.PoolClient>()

/** Runs `first` on a client, once more on a fresh one when a proven client turns out dead. */
async function onClient<T>(pool: pg.Pool, first: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  for (;;) {
    const client = await pool.connect()
    const wasProven = proven.has(client)
    try {
      const result = await first(client)
      proven.add(client)
      client.release()
      return result
    } catch (error) {
      const dead = isConnectionLost(error)
      client.release(dead)
      if (!dead || !wasProven) throw error
    }
  }
}

async function inTransaction<T>(
  pool: pg.Pool,
  work: (tx: Transaction) => Promise<T>,
  patienceMs?: number,
): Promise<T> {
  const client = await onClientBegun(pool)
  let broken = true
  try {
    const result = await work({
      rows: (statement) => run(client, statement, patienceMs),
      copy: (rows) => copy(client, rows),
    })
    await commit(client)
    broken = false
    return result
  } catch (error) {
    if (!isConnectionLost(error)) {
      await client.query('rollback')
      broken = false
    }
    throw error
  } finally {
    client.release(broken)
  }
}

/** A client inside a transaction. BEGIN does nothing yet, so it may be repeated on another connection. */
async function onClientBegun(pool: pg.Pool): Promise<pg.PoolClient> {
  for (;;) {
    const client = await pool.connect()
    try {
      await client.query('begin')
      proven.add(client)
      return client
    } catch (error) {
      const retry = isConnectionLost(error) && proven.has(client)
      client.release(true)
      if (!retry) throw error
    }
  }
}

async function commit(client: pg.PoolClient): Promise<void> {
  try {
    await client.query('commit')
  } catch (cause) {
    if (!isConnectionLost(cause)) throw cause
    throw new RetryableError('the answer to COMMIT was lost', { reason: 'database', maybeDone: true, cause })
  }
}

/** The code of an error of the server or of the way to it. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** Whether the server or the way to it is gone, as opposed to a statement refused. */
export function isConnectionLost(error: unknown): boolean {
  const code = codeOf(error) ?? ''
  if (/^(08...|57P0[1-3]|25P03|ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT)$/.test(code)) return true
  if (error instanceof RetryableError && error.reason === 'database') return true
  return (
    error instanceof Error &&
    /^(Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered)/.test(
      error.message,
    )
  )
}

/**
 * Whether the database is in trouble, as opposed to a statement that it refuses for what it says: the way to it or the
 * server is gone or changing over, resources or time have run out, or conflicts did not end. Never a verdict on data.
 */
export function isDatabaseTrouble(error: unknown): boolean {
  const code = codeOf(error) ?? ''
  return isDatabaseAway(error) || conflicts.has(code) || code.startsWith('57')
}

/** Of that trouble, what smaller transactions would meet as well: the way, the server, or its resources are gone. */
export function isDatabaseAway(error: unknown): boolean {
  const code = codeOf(error) ?? ''
  return (
    error instanceof StoreAway ||
    isConnectionLost(error) ||
    /^(53...|57P..|58...|25006|EAI_AGAIN|E(HOST|NET)\w+|ENOTFOUND)$/.test(code)
  )
}
