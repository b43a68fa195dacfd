import { expect, test } from 'vitest'
import { type Db, isDatabaseAway } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { untilBlocked } from '../setup/blocked.ts'
import { openTestDatabase } from '../setup/database.ts'
import { at, keep, one, readAll, titlesAndViews, videos } from '../setup/seen-posts.ts'

/** A page of two new posts, and what happens while another transaction has written one of them and not committed. */
async function readBeside(meanwhile: (db: Db, pid: number) => Promise<unknown>) {
  const { db } = await openTestDatabase()
  await keep(db, [videos(0, one('v1'), one('v2', 'a', 7))])
  let reading: Promise<unknown> = Promise.resolve()
  await db.transaction(async (tx) => {
    await tx.rows(sql`
      insert into posts (account_id, platform, native_id, published_at) select id, 'youtube', 'v2', app_now() from accounts`)
    await tx.rows(sql`
      insert into post_latest (post_id, observed_at) select id, ${at(-60)} from posts where native_id = 'v2'`)
    reading = readAll(db).catch((error: unknown) => error)
    await meanwhile(db, await untilBlocked(db, 'copy posts '))
  })
  return { db, outcome: await reading }
}

test('a post that another batch writes at this moment is weighed against it: nothing is lost, and nothing doubled', async () => {
  const { db, outcome } = await readBeside(async () => undefined)
  expect(outcome).toBe(2)
  expect(await titlesAndViews(db)).toMatchObject([
    { id: 'v1', views: '1', points: 1 },
    { id: 'v2', title: 'a', views: '7', at: at(0), points: 1 },
  ])
  expect(await verify(db)).toEqual([])
})

test('a connection that ends within COPY leaves no row, says nothing of the page, and others go on', async () => {
  const { db, outcome } = await readBeside((admin, pid) =>
    admin.rows(sql`select pg_terminate_backend(${pid}::int)`),
  )
  expect(outcome).toSatisfy(isDatabaseAway)
  expect(await db.rows(sql`select native_id from posts`)).toEqual([{ native_id: 'v2' }])
  await db.rows(sql`update raw_pages set retry_at = app_now()`)
  await readAll(db)
  expect(await titlesAndViews(db)).toHaveLength(2)
  expect(await verify(db)).toEqual([])
})
