import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { connectionsUsed, tableSpace } from '#shared/db/views/space.ts'
import { openTestDatabase } from '../setup/database.ts'
import { fewAccounts, openTestWorld } from '../setup/world.ts'

test('space is counted by table with its partitions and indexes, and dead rows as a share of all', async () => {
  const { db } = await openTestDatabase()
  await db.rows(sql`create table pieces (at date, kept text, primary key (at, kept)) partition by range (at)`)
  await db.rows(
    sql`create table pieces_1 partition of pieces for values from ('2026-01-01') to ('2026-02-01')`,
  )
  await db.rows(
    sql`create table pieces_2 partition of pieces for values from ('2026-02-01') to ('2026-03-01')`,
  )
  await db.rows(
    sql`insert into pieces select day::date, n::text from generate_series(1, 20000) n, unnest('{2026-01-05,2026-02-05}'::date[]) day`,
  )
  await db.rows(sql`delete from pieces where at = '2026-01-05'`)
  await db.rows(sql`select pg_stat_force_next_flush()`)
  const [first, ...others] = await tableSpace(db)
  expect(first?.table).toBe('pieces')
  expect(first?.dead).toBeCloseTo(0.5, 1)
  const [{ bytes } = { bytes: 0 }] = await db.rows<{ bytes: number }>(
    sql`select (pg_total_relation_size('pieces_1') + pg_total_relation_size('pieces_2'))::float8 as bytes`,
  )
  expect(first?.bytes).toBe(bytes)
  expect(others.map(({ table }) => table)).not.toContain('pieces_2')
  expect(others.length).toBe(19)
})

test('connections are a share of what the server takes', async () => {
  const { db } = await openTestDatabase()
  const used = await connectionsUsed(db)
  expect(used).toBeGreaterThan(0)
  expect(used).toBeLessThan(1)
})

test('numbers that cannot be read hold up nothing else that maintain does', async () => {
  const world = await openTestWorld({ observations: fewAccounts(1) })
  await world.db.transaction(async (tx) => {
    await tx.rows(sql`set local allow_system_table_mods = on`)
    await tx.rows(sql`alter view pg_catalog.pg_stat_user_tables rename to away`)
  })
  await world.within(({ cloud }) => cloud.triggers.tick('maintain'))
  expect(world.failures).toEqual([])
  expect(world.logged('numbers of the database could not be recorded')).toHaveLength(1)
  expect(await world.db.rows(sql`select task from maintained where task = 'verify'`)).toHaveLength(1)
})
