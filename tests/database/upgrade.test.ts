import { createHash, hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { expect, inject, onTestFinished, test } from 'vitest'
import { runPoll } from '#functions/poll/run.ts'
import { runSubmit } from '#functions/submit/run.ts'
import { runTransform } from '#functions/transform/run.ts'
import { makePartitions, migrate } from '#shared/db/migrate.ts'
import { bringOver } from '#shared/db/operations/bring-over.ts'
import { eraseAccount } from '#shared/db/operations/erase.ts'
import { type Db, isDatabaseAway, openPool } from '#shared/db/pool.ts'
import { raw, sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import type { MlProvider } from '#shared/ml/provider.ts'
import { openLogger } from '#shared/telemetry/logger.ts'
import { blankDatabase } from '../setup/database.ts'
import { asking, planning, routes, sendingTo } from '../setup/ml.ts'
import { urlOf } from '../setup/roles.ts'
import { unstopped } from '../setup/signal.ts'
import * as before from './release-before.ts'

const folder = 'shared/db/migrations'
const keyOf = (content: string) => hash('sha256', content)

/**
 * A database as the release before leaves it: account 1 with a task that waits for ML jobs in each state, 2 with a finished one,
 * 3 with a page yet to be read and a parked one.
 */
async function openOld(): Promise<Db> {
  const db = openPool({ url: await blankDatabase(), max: 4 })
  onTestFinished(() => db.end())
  await db.rows(
    raw(`create table schema_migrations (
    name text primary key, sha256 text not null, applied_at timestamptz not null default clock_timestamp())`),
  )
  for (const name of readdirSync(folder)
    .sort()
    .filter((file) => file < '0030')) {
    const text = readFileSync(`${folder}/${name}`, 'utf8')
    await db.rows(raw(text))
    const sha256 = createHash('sha256').update(text).digest('hex')
    await db.rows(sql`insert into schema_migrations (name, sha256) values (${name}, ${sha256})`)
  }
  await makePartitions(db)
  for (const statement of before.rows) await db.rows(raw(statement))
  for (const [id, text] of before.texts)
    await db.rows(sql`update ml_jobs set input_key = ${keyOf(`text|m|${text}`)} where id = ${id}`)
  await db.rows(
    raw(`insert into annotations (input_key, kind, model_version, result, ml_job_id)
      select input_key, kind, 'm@1', jsonb_build_object('items', jsonb_build_array(id)), id from ml_jobs where status = 'done'`),
  )
  return db
}

const found = (db: Db) =>
  db.rows<{ post_id: string; result: string }>(sql`
    select post_id, media_id, kind, model, model_version, result from post_annotations order by post_id, media_id nulls first`)

/** Takes all, and has their results at once. */
function provider() {
  const sent: string[] = []
  const ml: MlProvider = {
    idempotent: true,
    batchSize: 100,
    learnSize: () => undefined,
    callsFor: () => 1,
    isUp: async () => true,
    submit: async ({ key }) => {
      sent.push(key)
      return { jobId: `p-${key}`, afterMs: undefined }
    },
    ask: async (ids) =>
      new Map(ids.map((id) => [id, { state: 'done', result: { items: [] }, modelVersion: 'm@1' }])),
  }
  return { ml, sent }
}

const log = openLogger({ level: 'fatal' })

/** Reads pages, sends jobs, and asks about them, as this release does. */
async function work(db: Db, ml: MlProvider) {
  const random = () => 0
  await runTransform({ db, log, planning, pageAttempts: 5 }, { of: 'due' }, unstopped)
  const models = { routes: routes.map((route) => ({ ...route, model: route.kind === 'text' ? 'm' : 'i' })) }
  await runSubmit({ db, random, ...sendingTo(ml), ...models }, unstopped)
  await db.rows(sql`update ml_jobs set next_at = app_now() where status = 'submitted'`)
  await runPoll({ db, log, random, ...asking(ml), askMs: 1_000 }, unstopped)
}

const tasks = (db: Db) => db.rows(sql`select id, status, reason from sync_tasks order by id`)

test('a database of the release before loses nothing: jobs end, results stay, no content is paid for twice', async () => {
  const db = await openOld()
  const results = await found(db)
  expect(results).toHaveLength(4)
  expect(await migrate(db)).toEqual([
    '0030_ml_plans.sql',
    '0031_raw_hashes.sql',
    '0033_ml_kinds.sql',
    '0034_ml_finds.sql',
    '0035_brands.sql',
    '0036_ml_spending.sql',
    '0037_media_copies.sql',
    '0038_known_pictures.sql',
    '0039_ml_runs.sql',
    '0040_folded_handles.sql',
    '0041_roles.sql',
    '0042_far_bodies.sql',
    '0043_fast_state.sql',
    '0044_clients.sql',
    '0045_connect.sql',
    '0046_days.sql',
    '0047_report.sql',
    '0048_alerts.sql',
  ])
  expect(await found(db)).toEqual(results)
  expect(await verify(db)).toEqual([])
  expect(await db.rows(sql`select id from ml_jobs where content_key is null order by id`)).toEqual([
    { id: '5' },
    { id: '6' },
  ])
  const { ml, sent } = provider()
  await work(db, ml)
  // What was planned, and what had been sent when its sender died, each by the key it had; of the page that was read, the
  // text that account 2 had asked for before is not sent.
  const keys = [keyOf('text|m|planned'), keyOf('text|m|lost')].map((key) => `${key}-1`)
  expect(sent.slice(0, 2).sort()).toEqual(keys.sort())
  expect(sent.slice(2)).toHaveLength(1)
  expect(await tasks(db)).toEqual([
    { id: '1', status: 'done', reason: 'incomplete' },
    { id: '2', status: 'done', reason: null },
    { id: '3', status: 'done', reason: 'incomplete' },
  ])
  expect(await found(db)).toEqual(expect.arrayContaining(results))
  expect(await bringOver(db, unstopped)).toBe(1)
  expect(await found(db)).toHaveLength(9)
  expect(await verify(db)).toEqual([])
  // A month later what nothing needs any more goes.
  expect(await migrate(db)).toEqual([])
  await db.rows(sql`update schema_migrations set applied_at = applied_at - interval '31 days'`)
  const all = await found(db)
  expect(await migrate(db)).toEqual(['0032_ml_plans_only.sql'])
  expect(await bringOver(db, unstopped)).toBe(0)
  expect(await found(db)).toEqual(all)
  expect(await verify(db)).toEqual([])
})

test('an account that is erased before its jobs are moved leaves nothing of what was found in its posts', async () => {
  const db = await openOld()
  await migrate(db)
  await eraseAccount(db, '2', { actor: 'test', hashHandle: null })
  // What another account has as well stays.
  expect(await db.rows(sql`select ml_job_id as id from annotations order by 1`)).toEqual([{ id: '5' }])
  expect(await db.rows(sql`select id from ml_jobs where id > 5`)).toEqual([])
  expect(await verify(db)).toEqual([])
})

test('functions of the release before do no harm beside the new schema until they are replaced', async () => {
  const db = await openOld()
  await migrate(db)
  // They find nothing to send or to ask about, and finish no task whose jobs they do not see.
  expect(await db.rows(raw(before.claimToSubmit))).toEqual([])
  expect(await db.rows(raw(before.claimToAsk))).toEqual([])
  expect(await db.rows(raw(before.finish))).toEqual([])
  // Where they would plan jobs the database seems to be away, by which a page loses no attempt.
  for (const statement of [before.plan, before.hang])
    await expect(db.rows(raw(statement))).rejects.toSatisfy(isDatabaseAway)
  // What they had under way is taken: an answer to sending, and a result.
  expect(await db.rows(raw(before.saveSubmit))).toEqual([{ id: '2' }])
  expect(await db.rows(raw(before.settle))).toEqual([{ id: '3' }])
  await db.rows(raw(before.annotate))
  const { ml, sent } = provider()
  await db.rows(sql`update ml_jobs set next_at = app_now() where status = 'submitted'`)
  await work(db, ml)
  expect(sent).not.toContain(`${keyOf('text|m|lost')}-1`)
  expect(
    await db.rows(sql`select id, status, provider_job_id from ml_jobs where id in (2, 3) order by id`),
  ).toEqual([
    { id: '2', status: 'done', provider_job_id: 'old-2' },
    { id: '3', status: 'done', provider_job_id: 'old-3' },
  ])
  await bringOver(db, unstopped)
  expect(await verify(db)).toEqual([])
})

test('two spellings of one handle, which the release before took for two accounts, are one', async () => {
  const db = await openOld()
  await db.rows(sql`
    insert into accounts (platform, handle, access_mode) values
      ('youtube', 'ЗерноКофе', 'public_key'), ('youtube', 'зернокофе', 'public_key'), ('youtube', 'Zerno', 'public_key')`)
  await migrate(db)
  const rows = await db.rows(sql`
    select handle, status, handle_norm like 'зернокофе%' as folded from accounts where handle is not null order by id`)
  expect(rows).toEqual([
    { handle: 'ЗерноКофе', status: 'active', folded: true },
    { handle: 'зернокофе', status: 'unsupported', folded: true },
    { handle: 'Zerno', status: 'active', folded: false },
  ])
})

test('functions are their own roles from the first call on, while tables of the release before are still there', async () => {
  const db = await openOld()
  await migrate(db)
  expect(await db.rows(sql`select to_regclass('ml_job_targets') is null as gone`)).toEqual([{ gone: false }])
  const [{ name } = { name: '' }] = await db.rows<{ name: string }>(sql`select current_database() as name`)
  const as = (role: string) => {
    const url = Object.assign(new URL(inject('serverUrl')), { pathname: `/${name}` }).href
    const opened = openPool({ url: urlOf(url, role), max: 1 })
    onTestFinished(() => opened.end())
    return opened
  }
  // A text of before is asked for once more by the function that reads its post, whose media are written once more.
  const transform = as('social_sync_transform')
  await transform.rows(sql`delete from post_media where post_id = 5`)
  const [old] = await db.rows<{ key: string }>(
    sql`select left(input_key, 32) as key from ml_jobs where id = 5`,
  )
  await transform.rows(sql`
    insert into ml_jobs (content_key, kind, provider, model) values (${old?.key}::uuid, 'text', 'ml', 'm')
    on conflict do nothing`)
  expect(await db.rows(sql`select id from ml_jobs where content_key is null order by id`)).toEqual([
    { id: '6' },
  ])
  await eraseAccount(as('social_sync_sync'), '2', { actor: 'test', hashHandle: null })
  await eraseAccount(transform, '1', { actor: 'test', hashHandle: null })
  expect(await verify(db)).toEqual([])
})
