import fc from 'fast-check'
import { expect, inject, test } from 'vitest'
import { apply } from '#functions/poll/apply.ts'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { indexAnnotations } from '#shared/db/tables/ml-finds.ts'
import { claimToAsk, settleJobs } from '#shared/db/tables/ml-jobs/answered.ts'
import { verify } from '#shared/db/views/verify.ts'
import { findsOf } from '#shared/ml/finds.ts'
import { openTestDatabase } from '../setup/database.ts'
import { unstopped } from '../setup/signal.ts'

const none = { name: null, score: null, evidence: null, lang: null, box: null }

test('labels, brands, words, mentions and scores are found in their order, as the contract has them', () => {
  const result = {
    items: [
      {
        status: 'ok',
        labels: [{ name: 'shoe', score: 0.93 }, { name: ' cup ' }],
        brands: [{ brand: 'Nike', score: 0.9, evidence: 'logo', box: [0, 0.1, 0.2, 0.3] }],
        texts: [{ text: 'СКИДКА', lang: 'ru', score: 0.8 }],
        mentions: ['nike'],
        sentiment: -0.4,
        nsfw: 0.02,
      },
      { status: 'error', error: { code: 'fetch_failed' } },
    ],
  }
  expect(findsOf(result)).toEqual([
    { ...none, what: 'label', name: 'shoe', score: 0.93 },
    { ...none, what: 'label', name: 'cup' },
    { ...none, what: 'brand', name: 'Nike', score: 0.9, evidence: 'logo', box: [0, 0.1, 0.2, 0.3] },
    { ...none, what: 'text', name: 'СКИДКА', lang: 'ru', score: 0.8 },
    { ...none, what: 'mention', name: 'nike' },
    { ...none, what: 'sentiment', score: -0.4 },
    { ...none, what: 'nsfw', score: 0.02 },
  ])
})

test('what is not as the contract has it is left out, and the rest is found', () => {
  const items = [
    {
      labels: [{ name: 'a', score: 93 }, { name: '' }, { name: 7 }, 'b', null],
      brands: 'none',
      texts: {},
      sentiment: 5,
    },
    'no item',
    { labels: [{ name: 'c', score: '0.5' }], nsfw: null },
  ]
  expect(findsOf({ items })).toEqual([
    { ...none, what: 'label', name: 'a' },
    { ...none, what: 'label', name: 'c' },
  ])
  expect(
    findsOf({ items: Array(1_000).fill({ mentions: Array(1_000).fill('x'.repeat(9_000)) }) }),
  ).toHaveLength(500)
  for (const strange of [null, 7, 'x', [], {}, { items: {} }]) expect(findsOf(strange)).toEqual([])
})

test('any result ends in finds that a database takes', async () => {
  const { db } = await openJob()
  const [job] = await claimToAsk(db, 'ml', 1)
  if (!job) throw new Error('there is no job')
  await fc.assert(
    fc.asyncProperty(
      fc.object({
        maxDepth: 4,
        key: fc.constantFrom('items', 'labels', 'texts', 'name', 'text', 'score', 'box'),
      }),
      async (result) => {
        const text = JSON.stringify(result)
        if (text.includes('\\u0000') || !text.isWellFormed()) return
        await db.rows(sql`delete from annotations`)
        await db.rows(sql`delete from ml_finds`)
        await db.rows(sql`update ml_jobs set status = 'submitted', finished_at = null`)
        const settled = apply(job, { state: 'done', result: JSON.parse(text), modelVersion: null }, 0, true)
        await settleJobs(db, [settled], true)
        expect(await db.rows(sql`select status from ml_jobs`)).toEqual([{ status: 'done' }])
      },
    ),
    { numRuns: inject('isFull') ? 60 : 20 },
  )
})

/** A post whose picture a job is about, which is due to be asked about. */
async function openJob() {
  const { db } = await openTestDatabase()
  await db.rows(
    sql`insert into accounts (platform, native_id, access_mode) values ('youtube', 'UC1', 'public_key')`,
  )
  await db.rows(
    sql`insert into posts (account_id, platform, native_id, published_at) values (1, 'youtube', 'v', app_now())`,
  )
  await db.rows(sql`insert into post_latest (post_id, observed_at) values (1, app_now())`)
  await db.rows(sql`
    insert into post_media (post_id, role, position, kind, url, content_key)
    values (1, 'cover', 0, 'image', 'https://i.ytimg.com/1', md5('a')::uuid)`)
  await db.rows(sql`
    insert into ml_jobs (content_key, kind, model, status, provider_job_id, submitted_at, deadline_at)
    values (md5('a')::uuid, 'image', 'm', 'submitted', 'j', app_now(), app_now() + interval '1 day')`)
  return { db }
}

const result = { items: [{ status: 'ok', brands: [{ brand: 'Nike', score: 0.9, evidence: 'logo' }] }] }
const mentions = (db: Db) =>
  db.rows(sql`select post_id, brand, score, evidence, model_version from post_ml_mentions`)
const nike = [{ post_id: '1', brand: 'Nike', score: 0.9, evidence: 'logo', model_version: 'm@1' }]

test('what was found stands with each post that has the content, once however often the answer comes', async () => {
  const { db } = await openJob()
  const [job] = await claimToAsk(db, 'ml', 1)
  if (!job) throw new Error('there is no job')
  const settled = apply(job, { state: 'done', result, modelVersion: 'm@1' }, 0, true)
  await settleJobs(db, [settled], true)
  await settleJobs(db, [settled], true)
  expect(await mentions(db)).toEqual(nike)
  expect(await db.rows(sql`select what, name, name_norm from post_finds`)).toEqual([
    { what: 'brand', name: 'Nike', name_norm: 'nike' },
  ])
  expect(await verify(db)).toEqual([])
})

test('results of before are found too, at once in the view, and then as rows', async () => {
  const { db } = await openJob()
  await db.rows(sql`
    update ml_jobs set status = 'done', finished_at = app_now(), model_version = 'm@1'`)
  await db.rows(sql`
    insert into annotations (content_key, kind, model_version, result, ml_job_id)
    values (md5('a')::uuid, 'image', 'm@1', ${JSON.stringify(result)}::jsonb, 1)`)
  expect(await mentions(db)).toEqual(nike)
  expect(await db.rows(sql`select from ml_finds`)).toEqual([])
  expect(await indexAnnotations(db, findsOf, unstopped)).toBe(1)
  expect(await indexAnnotations(db, findsOf, unstopped)).toBe(0)
  expect(await mentions(db)).toEqual(nike)
  expect(await db.rows(sql`select name from ml_finds`)).toEqual([{ name: 'Nike' }])
  expect(await verify(db)).toEqual([])
})
