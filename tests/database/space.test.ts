import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { connectionsUsed, tableSpace } from '#shared/db/views/space.ts'
import { openTestDatabase } from '../setup/database.ts'

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
