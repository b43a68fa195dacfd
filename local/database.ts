import { createHash } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { type Db, openPool } from '#shared/db/pool.ts'
import { raw, sql } from '#shared/db/sql.ts'
import { messageOf } from '#shared/errors.ts'
import { startServer } from './postgres/server.ts'
import { makeRoles, reader, urlOf } from './roles.ts'
import { UserError } from './user-error.ts'

export interface LocalDatabase {
  readonly url: string
  /** The same for one who only reads. null: the server has such a role if its owner made one. */
  readonly readUrl: string | null
  /** For people: which server it is. */
  readonly label: string
  readonly dataFolder: string | null
  close(): Promise<void>
}

/** The server of DATABASE_URL, or an embedded one with its data below `folder`. */
export async function openDatabase(
  folder: string,
  databaseUrl: string | undefined,
  name: 'social_sync' | 'social_sync_live',
): Promise<LocalDatabase> {
  if (databaseUrl) {
    if (!URL.canParse(databaseUrl))
      throw new UserError('DATABASE_URL is no URL; give postgres://user:password@host:port/name')
    const { host, pathname } = new URL(databaseUrl)
    return {
      url: databaseUrl,
      readUrl: null,
      label: `PostgreSQL at ${host}${pathname}`,
      dataFolder: null,
      close: async () => undefined,
    }
  }
  const dataFolder = join(reachable(folder), 'postgres')
  const server = await startServer(dataFolder)
  const url = await createDatabase(server.url, name)
  const { password } = new URL(server.url)
  return {
    url,
    readUrl: urlOf(url, reader, password),
    label: `embedded PostgreSQL, data in ${dataFolder}`,
    dataFolder,
    close: () => server.stop(),
  }
}

/**
 * For root the server runs as another user, who must be able to enter the folder; if not, the data go to the temporary folder.
 */
function reachable(folder: string): string {
  if (process.getuid?.() !== 0) return folder
  for (let path = folder; ; path = dirname(path)) {
    if (existsSync(path) && (statSync(path).mode & 0o001) === 0) {
      return join(tmpdir(), `social-sync-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`)
    }
    if (path === dirname(path)) return folder
  }
}

/** As on the roles of a managed database: no statement, lock or forgotten transaction holds others up for long. */
const timeOuts = (name: string) => `
  alter database ${name} set statement_timeout = '30s';
  alter database ${name} set lock_timeout = '5s';
  alter database ${name} set idle_in_transaction_session_timeout = '10s'`

async function createDatabase(serverUrl: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  const { rows } = await client.query('select 1 from pg_database where datname = $1', [name])
  if (rows.length === 0) await client.query(`create database ${name}`)
  await client.query(timeOuts(name))
  await client.end()
  const db = openPool({ url: serverUrl, max: 1 })
  await makeRoles(db, new URL(serverUrl).password)
  await db.end()
  return serverUrl.replace(/\/postgres$/, `/${name}`)
}

/**
 * Ensures that the database belongs to a local cloud: marks an empty one, accepts a marked one, and refuses any other without
 * changing it. `fresh` empties a marked one.
 */
export async function claimDatabase(url: string, fresh: boolean): Promise<Db> {
  const { db, marked } = await openChecked(url, ({ marked: isMarked, tables }) =>
    isMarked || tables === '0'
      ? undefined
      : 'this database is not empty and was not made by the local cloud, so a simulated world is not put into it',
  )
  if (fresh && marked) await db.rows(raw(emptied))
  await db.rows(raw(mark))
  return db
}

/** Views of readers go with what they read. */
const emptied = `
  drop schema if exists social_sync_read cascade;
  drop schema if exists report cascade;
  drop schema public cascade;
  create schema public`

/** A database for real accounts: empty, or made by the product itself; never one that holds a simulated world. */
export async function claimRealDatabase(url: string): Promise<Db> {
  const { db } = await openChecked(url, ({ marked, migrated, tables }) => {
    if (marked) return 'this database holds a simulated world, so real accounts are not put into it'
    return migrated || tables === '0'
      ? undefined
      : 'this database is not empty and was not made by social-sync'
  })
  return db
}

interface DatabaseState {
  readonly version: number
  readonly marked: boolean
  readonly migrated: boolean
  readonly tables: string
}

async function openChecked(url: string, refusalOf: (state: DatabaseState) => string | undefined) {
  const db = openPool({ url, max: 2 })
  const [state] = await answered(
    db.rows<DatabaseState>(sql`
      select current_setting('server_version_num')::int as version,
        to_regclass('public.local_cloud') is not null as marked,
        to_regclass('public.schema_migrations') is not null as migrated,
        (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_%') as tables`),
  )
  if (!state) throw new Error('a select without a table has one row')
  const old = state.version < 150_000
  const refusal = old
    ? `PostgreSQL 15 or later is needed, this is ${Math.floor(state.version / 10_000)}`
    : refusalOf(state)
  if (refusal) {
    await db.end()
    throw new UserError(refusal)
  }
  return { db, marked: state.marked }
}

/** A server that cannot be used is a fault that its owner can mend. */
async function answered<T>(query: Promise<T>): Promise<T> {
  try {
    return await query
  } catch (error) {
    throw new UserError(`the database cannot be used: ${messageOf(error)}`)
  }
}

const mark = `
  create table if not exists local_cloud (
    id         integer primary key default 1 check (id = 1),
    skip       interval,
    world      text,
    started_at timestamptz
  );
  insert into local_cloud default values on conflict do nothing;
  comment on table local_cloud is 'Marks a database of the simulated local cloud; holds its clock.';
  comment on column local_cloud.id is 'Always 1.';
  comment on column local_cloud.skip is 'How far the world is ahead of real time. NULL: not begun.';
  comment on column local_cloud.world is 'Which world is simulated.';
  comment on column local_cloud.started_at is 'When the world began, by its clock (UTC).';
`
