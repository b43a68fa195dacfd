import { chmodSync, existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { makePartitions, migrate } from '#shared/db/migrate.ts'
import { openPool } from '#shared/db/pool.ts'
import { claimDatabase } from '../../local/database.ts'
import { startServer } from '../../local/postgres/server.ts'
import { openWorldClock } from '../../local/world-clock.ts'
import { makeRoles } from './roles.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the server; tests make databases of their own from the template. */
    serverUrl: string
  }
}

/** One server for the whole run: that of TEST_DATABASE_URL, or an embedded one; and a migrated template database. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(roomyMemory() ?? tmpdir(), 'social-sync-tests-'))
  chmodSync(folder, 0o755)
  const given = process.env['TEST_DATABASE_URL']
  const server = given ? undefined : await startServer(join(folder, 'postgres'))
  const serverUrl = given ?? server?.url ?? ''
  await makeTemplate(serverUrl)
  project.provide('serverUrl', serverUrl)
  return async () => {
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A folder in memory, where a database is made and dropped in a tenth of the time; undefined: there is none, or too little. */
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
