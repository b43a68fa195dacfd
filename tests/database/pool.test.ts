import { expect, test } from 'vitest'
import { isConnectionLost, openPool, type Queryable } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { openTestDatabase } from '../setup/database.ts'
import { openTestWorld } from '../setup/world.ts'

test('a connection that died while the instance was suspended is replaced, for a statement and for a transaction', async () => {
  const { db, url } = await openTestDatabase()
  const suspended = openPool({ url, max: 1 })
  const pid = async () => (await suspended.rows<{ pid: number }>(sql`select pg_backend_pid() as pid`))[0]?.pid
  const first = await pid()
  await db.rows(sql`select pg_terminate_backend(${first})`)
  const second = await pid()
  expect(second).not.toBe(first)
  await db.rows(sql`select pg_terminate_backend(${second})`)
  const [row] = await suspended.transaction((tx) => tx.rows<{ one: number }>(sql`select 1 as one`))
  expect(row).toEqual({ one: 1 })
  await suspended.end()
})

test('a connection that the server ends between two statements of a transaction fails the transaction and not the process', async () => {
  const { db, url } = await openTestDatabase()
  const used = openPool({ url, max: 1 })
  const endAmid = (end: (tx: Queryable) => Promise<unknown>) =>
    used.transaction(async (tx) => {
      await end(tx)
      await new Promise((resolve) => setTimeout(resolve, 300))
      await tx.rows(sql`select 1`)
    })
  const terminated = endAmid(async (tx) => {
    const [row] = await tx.rows<{ pid: number }>(sql`select pg_backend_pid() as pid`)
    await db.rows(sql`select pg_terminate_backend(${row?.pid})`)
  })
  await expect(terminated).rejects.toSatisfy(isConnectionLost)
  const forgotten = endAmid((tx) => tx.rows(sql`set local idle_in_transaction_session_timeout = '50ms'`))
  await expect(forgotten).rejects.toSatisfy(isConnectionLost)
  expect(await used.rows(sql`select 1 as one`)).toEqual([{ one: 1 }])
  await used.end()
})

test('a transaction broken off to resolve a deadlock is run again', async () => {
  const { db } = await openTestDatabase()
  await db.rows(
    sql`insert into accounts (platform, handle, access_mode) values ('youtube', 'a', 'public_key'), ('youtube', 'b', 'public_key')`,
  )
  let bothHold = 0
  const touch = (first: string, second: string) =>
    db.transaction(async (tx) => {
      await tx.rows(sql`update accounts set priority = priority + 1 where handle = ${first}`)
      bothHold += 1
      while (bothHold < 2) await new Promise((resolve) => setTimeout(resolve, 5))
      await tx.rows(sql`update accounts set priority = priority + 1 where handle = ${second}`)
    })
  await Promise.all([touch('a', 'b'), touch('b', 'a')])
  expect(await db.rows(sql`select priority from accounts`)).toEqual([{ priority: 2 }, { priority: 2 }])
})

test('a statement of its own that is chosen to resolve a deadlock is run again', async () => {
  const { db } = await openTestDatabase()
  await db.rows(
    sql`insert into accounts (platform, handle, access_mode) values ('youtube', 'a', 'public_key'), ('youtube', 'b', 'public_key')`,
  )
  let tries = 0
  const transaction = db.transaction(async (tx) => {
    tries += 1
    // The server looks for deadlocks on behalf of the other one first, which is then the one that is broken off.
    await tx.rows(sql`set local deadlock_timeout = '10s'`)
    await tx.rows(sql`update accounts set priority = priority + 1 where handle = 'b'`)
    await new Promise((resolve) => setTimeout(resolve, 100))
    await tx.rows(sql`update accounts set priority = priority + 1 where handle = 'a'`)
  })
  await new Promise((resolve) => setTimeout(resolve, 30))
  await db.rows(sql`
    with a as (update accounts set priority = priority + 1 where handle = 'a' returning id),
      slept as (select pg_sleep(0.3) from a)
    update accounts set priority = priority + 1 where handle = 'b' and (select count(*) from slept) = 1`)
  await transaction
  expect(tries).toBe(1)
  expect(await db.rows(sql`select priority from accounts`)).toEqual([{ priority: 2 }, { priority: 2 }])
})

test('an answer is waited for as long as is said', async () => {
  const { db } = await openTestDatabase()
  const asleep = (patienceMs: number) =>
    db.transaction((tx) => tx.rows(sql`select pg_sleep(0.6)`), patienceMs)
  await expect(asleep(100)).rejects.toThrow('timeout')
  expect(await asleep(5_000)).toHaveLength(1)
})

test('large integers and JSON come as text', async () => {
  const { db } = await openTestDatabase()
  const [row] = await db.rows(
    sql`select 9007199254740993::int8 as big, '{"id": 9007199254740993}'::json as json`,
  )
  expect(row).toEqual({ big: '9007199254740993', json: '{"id": 9007199254740993}' })
})

test('the whole pipeline works with a server session per transaction, as a transaction pooler gives', async () => {
  const world = await openTestWorld()
  const opened = await world.open((_name, ports) => {
    const db = openPool({ url: world.url, max: 2, maxUses: 1 })
    return {
      ...ports,
      db: { ...db, end: () => Promise.all([db.end(), ports.db.end()]).then(() => undefined) },
    }
  })
  const standing = await opened.runOnce()
  await opened.close()
  expect(standing.tasks).toEqual({ done: 3 })
  expect(await verify(world.db)).toEqual([])
})
