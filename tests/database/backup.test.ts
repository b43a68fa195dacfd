import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { openPool } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { readDataset } from '../../local/world/dataset.ts'
import type { Observation } from '../../local/world/world.ts'
import { cli } from '../setup/cli.ts'
import { blankDatabase } from '../setup/database.ts'
import { snapshot } from '../setup/snapshot.ts'
import { newFolder } from '../setup/start.ts'
import { fewAccounts, openTestWorld } from '../setup/world.ts'

/** The major version of pg_dump; undefined: it is not on the path. */
function versionOfDump(): number | undefined {
  try {
    return Number(/(\d+)\./.exec(execFileSync('pg_dump', ['--version'], { encoding: 'utf8' }))?.[1])
  } catch {
    return undefined
  }
}
const server = inject('isPostgres15') ? 15 : 17
const version = versionOfDump()
const canDump = version !== undefined && version >= server
if (!canDump)
  console.warn(
    `pg_dump ${version ?? ''} is older than the server (${server}), or not on the path: no backup is tried`,
  )
const PATH = process.env['PATH'] ?? ''

// Recorded data are not part of the project: they lie beside a contributor's checkout, or are named by DATASET.
const dataset = process.env['DATASET'] ?? join(import.meta.dirname, '../../../shared/dataset')
const isThere = existsSync(join(dataset, 'youtube.jsonl.gz'))
if (!isThere) console.warn(`no recorded dataset in ${dataset}: none is backed up`)

/** Some accounts that were recorded; else some of the generated world. */
async function someAccounts(): Promise<Observation[]> {
  if (!isThere) return fewAccounts(3)
  const accounts = Map.groupBy(await readDataset(dataset, ['youtube']), ({ account }) => account)
  return [...accounts.values()].slice(0, inject('isFull') ? undefined : 5).flat()
}

test.skipIf(!canDump)(
  'a world is backed up while it works, restored into an empty database, and goes on from there',
  async () => {
    const world = await openTestWorld({ observations: await someAccounts() })
    await world.within(({ runOnce }) => runOnce())
    const folder = newFolder()
    const backedUp = await cli(['backup', 'all.dump'], { DATABASE_URL: world.url, PATH }, folder)
    expect(backedUp).toMatchObject({ code: 0, stdout: expect.stringContaining('MB') })
    const DATABASE_URL = await blankDatabase()
    const restored = await cli(['restore', 'all.dump'], { DATABASE_URL, PATH }, folder)
    expect(restored).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('every invariant of the ledger holds'),
    })
    const db = openPool({ url: DATABASE_URL, max: 2 })
    expect(await snapshot(db)).toEqual(await snapshot(world.db))
    expect(await db.rows(sql`select count(*) from raw_bodies`)).toEqual(
      await world.db.rows(sql`select count(*) from raw_bodies`),
    )
    // New rows have new numbers, and functions their rights.
    const [{ id } = { id: '' }] = await db.rows<{ id: string }>(
      sql`insert into accounts (platform, native_id, access_mode) values ('youtube', 'UCnew', 'public_key') returning id`,
    )
    const [last] = await world.db.rows<{ id: string }>(sql`select max(id) as id from accounts`)
    expect(Number(id)).toBeGreaterThan(Number(last?.id))
    expect(
      await db.rows(sql`select has_table_privilege('social_sync_transform', 'posts', 'insert') as may,
        has_function_privilege('social_sync_read', 'make_partitions(timestamptz, timestamptz)', 'execute') as may_not`),
    ).toEqual([{ may: true, may_not: false }])
    const again = await cli(['restore', 'all.dump'], { DATABASE_URL, PATH }, folder)
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('not empty') })
    await db.end()
  },
)

test('what keeps a backup from being made is one line and exit 2, and shows no password', async () => {
  const { url } = await openTestWorld({ observations: fewAccounts(1) })
  const folder = newFolder()
  const away = await cli(['backup', 'all.dump'], { DATABASE_URL: url, PATH: '/nowhere' }, folder)
  expect(away).toMatchObject({ code: 2, stderr: expect.stringContaining('pg_dump is not on the path') })
  expect(existsSync(join(folder, 'all.dump'))).toBe(false)
  const secret = 'of-the-test-alone'
  const wrong = Object.assign(new URL(url), { username: 'social_sync_read', password: secret }).href
  for (const command of ['backup', 'restore']) {
    const ended = await cli([command, 'none.dump'], { DATABASE_URL: wrong, PATH }, folder)
    expect(ended, command).toMatchObject({ code: 2 })
    expect(ended.stdout + ended.stderr).not.toContain(secret)
  }
})
