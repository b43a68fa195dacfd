import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject, onTestFinished } from 'vitest'
import { type Db, openPool } from '#shared/db/pool.ts'
import { openWorldClock, type WorldClock } from '../../local/world-clock.ts'

export interface TestDatabase {
  readonly db: Db
  readonly url: string
  readonly clock: WorldClock
}

const dayMs = 86_400_000
/**
 * Worlds of tests live around the next noon in UTC: days of quota end at midnight in UTC or in California, and a test that takes
 * a while would cross one at some hours. One clock for all worlds of a process.
 */
const skipMs = Math.ceil(Date.now() / dayMs - 0.5) * dayMs + dayMs / 2 - Date.now()
export const worldNow = () => new Date(Date.now() + skipMs)

/** An own migrated database for one test, dropped when it is over; its clock can be moved on. */
export async function openTestDatabase(maxUses?: number): Promise<TestDatabase> {
  const serverUrl = inject('serverUrl')
  const name = `test_${randomBytes(6).toString('hex')}`
  await onServer(serverUrl, `create database ${name} template social_sync_template strategy file_copy`)
  const url = Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href
  const db = openPool({ url, max: 4, ...(maxUses === undefined ? {} : { maxUses }) })
  onTestFinished(async () => {
    await db.end()
    await onServer(serverUrl, `drop database ${name} with (force)`)
  })
  const clock = await openWorldClock(db, undefined)
  await clock.jumpTo(worldNow())
  return { db, url, clock }
}

/** The URL of an empty database for one test, dropped when it is over. */
export async function blankDatabase(): Promise<string> {
  const serverUrl = inject('serverUrl')
  const name = `test_${randomBytes(6).toString('hex')}`
  await onServer(serverUrl, `create database ${name} template template0`)
  onTestFinished(() => onServer(serverUrl, `drop database ${name} with (force)`))
  return Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(statement)
  await client.end()
}
