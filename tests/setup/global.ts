import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { makePartitions, migrate } from '#shared/db/migrate.ts'
import { openPool } from '#shared/db/pool.ts'
import { claimDatabase } from '../../local/database.ts'
import { findBinaries } from '../../local/postgres/binaries.ts'
import { startServer } from '../../local/postgres/server.ts'
import { openWorldClock } from '../../local/world-clock.ts'
import { makeRoles } from './roles.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the server; tests make databases of their own from the template. */
    serverUrl: string
    /** Whole suites are wanted, in place of one short case of each part. */
    isFull: boolean
    isPostgres15: boolean
  }
}

const postgres15 = join(import.meta.dirname, '../postgres-15')

/**
 * One server for the whole run, with a migrated template database: that of TEST_DATABASE_URL, or an embedded one, which ends
 * with its folder however this process ends.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['TEST_DATABASE_URL']
  if (given) {
    await prepare(project, given)
    return async () => {}
  }
  const folder = mkdtempSync(join(roomyMemory() ?? tmpdir(), 'social-sync-tests-'))
  chmodSync(folder, 0o755)
  const isPostgres15 = project.getProvidedContext().isPostgres15
  const binaries = isPostgres15 ? findBinaries(postgres15) : findBinaries()
  const { url, pid } = await startServer(join(folder, 'postgres'), binaries)
  const end = endWithThisProcess(Number(pid), folder)
  await prepare(project, url)
  return end
}

/** A process that outlives this one by a moment: when their pipe closes, it stops the server and removes its folder. */
function endWithThisProcess(pid: number, folder: string): () => Promise<void> {
  const commands = 'cat >/dev/null; kill -QUIT "$0"; while kill -0 "$0"; do sleep 0.05; done; rm -rf "$1"'
  const guard = spawn('sh', ['-c', commands, String(pid), folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const ended = new Promise<void>((resolve) => guard.once('exit', () => resolve()))
  return () => {
    guard.stdin.end()
    return ended
  }
}

async function prepare(project: TestProject, serverUrl: string): Promise<void> {
  await makeTemplate(serverUrl)
  project.provide('serverUrl', serverUrl)
}

/**
 * A folder in memory, where a database is made and dropped in a tenth of the time; undefined: there is none, or it is too small.
 */
function roomyMemory(): string | undefined {
  const folder = '/dev/shm'
  if (!existsSync(folder)) return undefined
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize > 4e9 ? folder : undefined
}

async function makeTemplate(serverUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  await client.query('drop database if exists social_sync_template with (force)')
  await client.query('create database social_sync_template')
  await client.end()
  const url = Object.assign(new URL(serverUrl), { pathname: '/social_sync_template' }).href
  await (await claimDatabase(url, false)).end()
  const db = openPool({ url, max: 1 })
  await makeRoles(db)
  await migrate(db)
  await openWorldClock(db, undefined)
  await makePartitions(db)
  await db.end()
}
