import { expect, test } from 'vitest'
import { lookForBrands } from '#shared/db/operations/look-for-brands.ts'
import { deletePosts } from '#shared/db/operations/purge.ts'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { removeBrand, saveBrands, TooManyNames } from '#shared/db/tables/brands.ts'
import { noteCaptions } from '#shared/db/tables/found-brands.ts'
import { insertFinds } from '#shared/db/tables/ml-finds.ts'
import { verify } from '#shared/db/views/verify.ts'
import type { Find } from '#shared/model/ml-job.ts'
import { untilBlocked } from '../setup/blocked.ts'
import { openTestDatabase } from '../setup/database.ts'
import { keep, one, readAll, videos } from '../setup/seen-posts.ts'
import { unstopped } from '../setup/signal.ts'

const named = (db: Db) =>
  db.rows<{ post: string }>(sql`
    select o.native_id as post, b.brand, b.source from post_brands b join posts o on o.id = b.post_id order by 1, 2, 3`)

const save = (db: Db, ...brands: [string, ...string[]][]) =>
  saveBrands(
    db,
    brands.map(([name, ...aliases]) => ({ name, aliases })),
    'test',
  )

async function openPosts(...posts: Parameters<typeof one>[]) {
  const { db } = await openTestDatabase()
  await keep(db, [videos(0, ...posts.map((post) => one(...post)))])
  await readAll(db)
  return db
}

const words = (what: Find['what'], name: string): Find => ({
  ...{ what, name, score: 0.9, evidence: null, lang: null, box: null },
})

/** A picture of a post, and what a model found in it. */
async function findIn(db: Db, post: string, key: string, ...finds: Find[]): Promise<void> {
  await db.rows(sql`
    insert into post_media (post_id, role, position, kind, url, content_key)
    select id, 'child', 0, 'image', 'https://i.ytimg.com/1', md5(${key})::uuid from posts where native_id = ${post}
    on conflict (post_id, role, position) do update set content_key = excluded.content_key`)
  await db.rows(sql`
    insert into ml_jobs (content_key, kind, model, status, provider_job_id, model_version, finished_at)
    values (md5(${key})::uuid, 'image_text', 'r', 'done', ${key}, 'r@1', app_now())`)
  await db.rows(sql`
    insert into annotations (content_key, kind, model_version, result, ml_job_id, is_indexed)
    select content_key, kind, model_version, '{}', id, true from ml_jobs where provider_job_id = ${key}`)
  const [found] = await db.rows<{ content_key: string }>(sql`select md5(${key})::uuid as content_key`)
  await db.transaction((tx) =>
    insertFinds(tx, [
      { content_key: found?.content_key ?? '', kind: 'image_text', model_version: 'r@1', finds },
    ]),
  )
}

test('brands are found in texts as they are written, and in what models find, each with its source', async () => {
  const { db } = await openTestDatabase()
  await save(db, ['Nordlys Audio', 'nordlys'], ['Gap'])
  await keep(db, [videos(0, one('v1', 'Unboxing NORDLYS'), one('v2', 'nothing'))])
  await readAll(db)
  await findIn(db, 'v2', 'a', words('text', 'NORDLYS'), words('text', 'AUDIO'), words('brand', 'GAP'))
  expect(await named(db)).toEqual([
    { post: 'v1', brand: 'Nordlys Audio', source: 'caption' },
    { post: 'v2', brand: 'Gap', source: 'model' },
    { post: 'v2', brand: 'Nordlys Audio', source: 'picture' },
  ])
  expect(await verify(db)).toEqual([])
})

test('a brand saved later is found in what is on record, without any ML job', async () => {
  const db = await openPosts(['v1', 'new at Gap'], ['v2', 'zerno here'])
  await findIn(db, 'v2', 'a', words('text', 'GAP'))
  expect(await save(db, ['Gap'], ['Zerno'])).toEqual({ added: 2, changed: 0 })
  expect(await named(db)).toEqual([])
  expect(await lookForBrands(db, unstopped)).toBe(true)
  expect(await named(db)).toEqual([
    { post: 'v1', brand: 'Gap', source: 'caption' },
    { post: 'v2', brand: 'Gap', source: 'picture' },
    { post: 'v2', brand: 'Zerno', source: 'caption' },
  ])
  expect(await db.rows(sql`select from ml_jobs where status <> 'done'`)).toEqual([])
})

test('a brand whose names change is looked for again, others are not; one that is removed leaves nothing', async () => {
  const db = await openPosts(['v1', 'old name'], ['v2', 'new name'], ['v3', 'Gap'])
  await save(db, ['Brand', 'old name'], ['Gap'])
  await lookForBrands(db, unstopped)
  expect(await save(db, ['brand', 'new name'], ['Gap'])).toEqual({ added: 0, changed: 1 })
  await lookForBrands(db, unstopped)
  expect(await named(db)).toEqual([
    { post: 'v2', brand: 'brand', source: 'caption' },
    { post: 'v3', brand: 'Gap', source: 'caption' },
  ])
  expect(await removeBrand(db, '1', 'test')).toBe(true)
  expect(await removeBrand(db, '1', 'test')).toBe(false)
  expect(await named(db)).toEqual([{ post: 'v3', brand: 'Gap', source: 'caption' }])
  expect(await db.rows(sql`select action from audit_log order by id`)).toHaveLength(3)
})

test('a text that is rewritten names what it says now; a post that goes takes its brands along', async () => {
  const { db } = await openTestDatabase()
  await save(db, ['Gap'], ['Zerno'])
  await keep(db, [videos(0, one('v1', 'Gap')), videos(60, one('v1', 'Zerno'))])
  await readAll(db)
  expect(await named(db)).toEqual([{ post: 'v1', brand: 'Zerno', source: 'caption' }])
  await findIn(db, 'v1', 'a', words('text', 'GAP'))
  await db.transaction((tx) => deletePosts(tx, ['1']))
  for (const left of [sql`select from caption_brands`, sql`select from ml_find_brands`])
    expect(await db.rows(left)).toEqual([])
})

test('a text that is being written while a brand is saved is looked through for it', async () => {
  const db = await openPosts(['v1', 'Gap'])
  let saving: Promise<unknown> = Promise.resolve()
  await db.transaction(async (tx) => {
    await noteCaptions(tx, [{ post_id: '1', title: 'Gap', body: null, isNew: false }])
    saving = save(db, ['Gap'])
    // It waits for this transaction, and all that comes after sees the brand.
    await untilBlocked(db, 'select pg_advisory_xact_lock')
  })
  await saving
  await lookForBrands(db, unstopped)
  expect(await named(db)).toEqual([{ post: 'v1', brand: 'Gap', source: 'caption' }])
})

test('brands added at different times are each looked for in everything, batch by batch', async () => {
  const { db } = await openTestDatabase()
  const posts = Array.from({ length: 50 }, (_, number) => one(`v${number}`, number % 2 ? 'Gap' : 'Zerno'))
  await keep(db, [videos(0, ...posts)])
  await readAll(db)
  await db.rows(sql`
    insert into posts (account_id, platform, native_id, title, published_at)
    select account_id, platform, native_id || '-' || n, title, published_at from posts cross join generate_series(1, 30) n`)
  await db.rows(sql`
    insert into post_latest (post_id, observed_at) select id, app_now() from posts on conflict do nothing`)
  await save(db, ['Gap'])
  let calls = 0
  const once = {
    get aborted() {
      calls += 1
      return calls > 1
    },
  } as AbortSignal
  expect(await lookForBrands(db, once)).toBe(false)
  await save(db, ['Zerno'])
  expect(await lookForBrands(db, unstopped)).toBe(true)
  expect(
    await db.rows(sql`select brand, count(*)::int as posts from post_brands group by 1 order by 1`),
  ).toEqual([
    { brand: 'Gap', posts: 775 },
    { brand: 'Zerno', posts: 775 },
  ])
})

test('what another call looks through at this moment is not said to be looked through', async () => {
  const db = await openPosts(['v1', 'Gap'])
  await save(db, ['Gap'])
  await db.transaction(async (tx) => {
    await tx.rows(sql`select from brands for update`)
    expect(await lookForBrands(db, unstopped)).toBe(false)
  })
  expect(await lookForBrands(db, unstopped)).toBe(true)
})

test('more names than can be looked for are refused, and nothing is changed', async () => {
  const { db } = await openTestDatabase()
  const many = Array.from({ length: 60 }, (_, brand): [string, ...string[]] => [
    `brand ${brand}`,
    ...Array.from({ length: 99 }, (_, alias) => `alias ${brand} ${alias}`),
  ])
  await expect(save(db, ...many)).rejects.toThrow(TooManyNames)
  expect(await db.rows(sql`select from brands`)).toEqual([])
})
