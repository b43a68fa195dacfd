import { expect, test } from 'vitest'
import { eraseAccount } from '#shared/db/operations/erase.ts'
import { expandPlans } from '#shared/db/operations/expand-plans.ts'
import { finishTasks } from '#shared/db/operations/finish-tasks.ts'
import { deletePosts } from '#shared/db/operations/purge.ts'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { claimToSubmit } from '#shared/db/tables/ml-jobs/claimed.ts'
import { planContents } from '#shared/db/tables/ml-plans.ts'
import { untilBlocked } from '../setup/blocked.ts'
import { openTestDatabase } from '../setup/database.ts'
import { routes } from '../setup/ml.ts'

const expand = (db: Db, pages: number) => expandPlans(db, routes, 'ml', pages)

/** Two accounts, each with a task that waits for its ML jobs, and a post. */
async function open() {
  const { db } = await openTestDatabase()
  await db.rows(sql`
    insert into accounts (platform, native_id, access_mode)
    select 'youtube', 'UC' || n, 'public_key' from generate_series(1, 2) n`)
  await db.rows(sql`
    insert into sync_tasks (account_id, platform, lane, mode, status, walk_outcome, walk_ended_at, cursor)
    select id, 'youtube', 'ad-hoc', 'full', 'enriching', 'whole', app_now(), '{}' from accounts order by id`)
  await db.rows(sql`
    insert into posts (account_id, platform, native_id, published_at)
    select id, 'youtube', 'v' || id, app_now() from accounts order by id`)
  return db
}

const keyOf = (text: string) =>
  `00000000-0000-0000-0000-${Buffer.from(text).toString('hex').padStart(12, '0')}`

/** As a transform that gives a post this text, by a page of its own. */
const write = (db: Db, post: 1 | 2, text: string, page = `${post}`) =>
  db.transaction(async (tx) => {
    const key = keyOf(text)
    await tx.rows(sql`update posts set title = ${text}, text_key = ${key}::uuid where id = ${post}`)
    await planContents(tx, [
      { raw_page_id: page, sync_task_id: `${post}`, post_id: `${post}`, content_key: key, kind: 'text' },
    ])
  })

const jobs = (db: Db) =>
  db.rows<{ text: string; attempt_no: number; status: string; sync_task_id: string }>(sql`
    select convert_from(decode(ltrim(right(content_key::text, 12), '0'), 'hex'), 'utf8') as text, attempt_no, status, sync_task_id
    from ml_jobs order by id`)

const end = (db: Db, status: string) =>
  db.rows(sql`
    update ml_jobs set status = ${status}, finished_at = app_now(), provider_job_id = id
    where status in ('planned', 'submitting')`)

const statuses = async (db: Db) =>
  (
    await db.rows<{ status: string; reason: string | null }>(
      sql`select status, reason from sync_tasks order by id`,
    )
  ).map(({ status, reason }) => (reason ? `${status} ${reason}` : status))

test('a text edited before its job was sent is not paid for, and is when it comes back', async () => {
  const db = await open()
  await write(db, 1, 'old')
  await expand(db, 10)
  // There was no room for it: it is given back.
  await db.rows(sql`update ml_jobs set status = 'planned', next_at = app_now()`)
  await write(db, 1, 'new', '3')
  expect(await claimToSubmit(db, 'ml', 10)).toMatchObject({ jobs: [], unwanted: ['1'] })
  const { jobs: made } = await expand(db, 10)
  expect(made.map(({ content }) => content)).toMatchObject([{ kind: 'text', title: 'new' }])
  await write(db, 1, 'old', '4')
  await expand(db, 10)
  expect(await jobs(db)).toMatchObject([
    { text: 'old', attempt_no: 1, status: 'cancelled' },
    { text: 'new', attempt_no: 1, status: 'submitting' },
    { text: 'old', attempt_no: 2, status: 'submitting' },
  ])
})

test('of a text edited before its job was made no job is made, and its task ends', async () => {
  const db = await open()
  await write(db, 1, 'old')
  await db.rows(sql`update posts set title = null, text_key = null where id = 1`)
  expect(await finishTasks(db, ['1'])).toMatchObject({ finished: [] })
  expect(await expand(db, 10)).toMatchObject({ plans: 1, tasks: ['1'], jobs: [] })
  expect(await jobs(db)).toEqual([])
  expect(await finishTasks(db, ['1'])).toMatchObject({ finished: ['1'] })
})

test('a content of two accounts has one job, and both wait for it', async () => {
  const db = await open()
  await write(db, 1, 'both')
  await write(db, 2, 'both')
  expect(await expand(db, 10)).toMatchObject({ plans: 2, tasks: ['2'] })
  expect(await jobs(db)).toMatchObject([{ text: 'both', sync_task_id: '1' }])
  expect(await finishTasks(db, ['1', '2'])).toMatchObject({ finished: [] })
  await end(db, 'failed')
  expect((await finishTasks(db, ['1', '2'])).finished.sort()).toEqual(['1', '2'])
  expect(await statuses(db)).toEqual(['done incomplete', 'done incomplete'])
})

test('a failed job whose content no post has any more leaves no task incomplete', async () => {
  const db = await open()
  await write(db, 1, 'old')
  await expand(db, 10)
  await end(db, 'failed')
  await db.rows(sql`update posts set text_key = null`)
  await finishTasks(db, ['1'])
  expect(await statuses(db)).toEqual(['done', 'enriching'])
})

test('two that make the jobs of one content at the same moment make one', async () => {
  const db = await open()
  await write(db, 1, 'both')
  await write(db, 2, 'both')
  await Promise.all([expand(db, 1), expand(db, 1)])
  expect(await jobs(db)).toHaveLength(1)
  expect(await db.rows(sql`select from ml_waits`)).toHaveLength(1)
})

test('a job that is given up at the moment another post gets its content is made again', async () => {
  const db = await open()
  await write(db, 1, 'both')
  await expand(db, 10)
  await db.rows(sql`update posts set text_key = null where id = 1`)
  let expanding: Promise<unknown> | undefined
  await db.transaction(async (tx) => {
    await tx.rows(sql`select from ml_jobs for update`)
    await write(db, 2, 'both')
    expanding = expand(db, 10)
    await untilBlocked(db)
    await tx.rows(sql`update ml_jobs set status = 'cancelled', finished_at = app_now()`)
  })
  await expanding
  expect(await jobs(db)).toMatchObject([
    { attempt_no: 1, status: 'cancelled' },
    { attempt_no: 2, status: 'submitting', sync_task_id: '2' },
  ])
})

test('a job that is deleted at the moment another post gets its content is made again', async () => {
  const db = await open()
  await write(db, 1, 'both')
  await expand(db, 10)
  await end(db, 'done')
  let expanding: Promise<unknown> | undefined
  await db.transaction(async (tx) => {
    await deletePosts(tx, ['1'])
    await write(db, 2, 'both')
    expanding = expand(db, 10)
    await untilBlocked(db)
  })
  await expanding
  expect(await jobs(db)).toMatchObject([{ attempt_no: 1, status: 'submitting', sync_task_id: '2' }])
})

test('a job that is made at the moment its account is erased goes with it', async () => {
  const db = await open()
  await write(db, 1, 'mine')
  let erasing: Promise<unknown> | undefined
  await db.transaction(async (tx) => {
    // As a call that makes jobs.
    await tx.rows(sql`delete from ml_plans`)
    await tx.rows(
      sql`insert into ml_jobs (content_key, kind, model) select text_key, 'text', 'm' from posts where id = 1`,
    )
    erasing = eraseAccount(db, '1', { actor: 'test', hashHandle: null })
    await untilBlocked(db)
  })
  await erasing
  expect(await jobs(db)).toEqual([])
})

test('a text that is edited while its job is open holds its task up no longer', async () => {
  const db = await open()
  await write(db, 1, 'old')
  await expand(db, 10)
  expect(await finishTasks(db, ['1'])).toMatchObject({ finished: [] })
  await db.rows(sql`update posts set text_key = null where id = 1`)
  expect(await finishTasks(db, ['1'])).toMatchObject({ finished: ['1'] })
})

test('a page that is read again before its jobs are made adds to its plan', async () => {
  const db = await open()
  await write(db, 1, 'one')
  await write(db, 1, 'two')
  expect(await db.rows(sql`select contents, cardinality(post_ids) as posts from ml_plans`)).toEqual([
    { contents: 2, posts: 2 },
  ])
  await expand(db, 10)
  expect(await jobs(db)).toMatchObject([{ text: 'two' }])
})
