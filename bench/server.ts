import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { makePartitions, migrate } from '#shared/db/migrate.ts'
import { type Db, openPool } from '#shared/db/pool.ts'
import { startServer } from '../local/postgres/server.ts'

/** A server for one run of the benchmarks, on which databases are made from one migrated template. */
export interface BenchServer {
  /** A new migrated database; the same settings and durability for whatever is compared. */
  database(name: string): Promise<{ readonly url: string; readonly drop: () => Promise<void> }>
  stop(): Promise<void>
}

/** The server of BENCH_DATABASE_URL (a superuser), or an embedded one. */
export async function openServer(): Promise<BenchServer> {
  const folder = mkdtempSync(join(tmpdir(), 'social-sync-bench-'))
  chmodSync(folder, 0o755)
  const given = process.env['BENCH_DATABASE_URL']
  const server = given ? undefined : await startServer(join(folder, 'postgres'))
  const serverUrl = given ?? server?.url ?? ''
  const urlOf = (name: string) => Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href
  await statement(serverUrl, 'drop database if exists bench_template with (force)')
  await statement(serverUrl, 'create database bench_template')
  await withDb(urlOf('bench_template'), 1, async (db) => {
    await migrate(db)
    await makePartitions(db)
  })
  return {
    database: async (name) => {
      await statement(serverUrl, `drop database if exists ${name} with (force)`)
      await statement(serverUrl, `create database ${name} template bench_template`)
      return {
        url: urlOf(name),
        drop: () => statement(serverUrl, `drop database ${name} with (force)`),
      }
    },
    stop: async () => {
      await server?.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A pool for the time of the work. */
export async function withDb<T>(url: string, max: number, work: (db: Db) => Promise<T>): Promise<T> {
  const db = openPool({ url, max })
  try {
    return await work(db)
  } finally {
    await db.end()
  }
}

/** By a connection of its own, which waits as long as it takes. */
export async function statement(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(text)
  await client.end()
}
