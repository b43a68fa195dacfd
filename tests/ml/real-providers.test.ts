import { status } from '@grpc/grpc-js'
import { expect, onTestFinished, test } from 'vitest'
import { runSubmit } from '#functions/submit/run.ts'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { pictureFetcher } from '#shared/media/fetch-picture.ts'
import { chatProvider } from '#shared/ml/chat/provider.ts'
import { openBatch } from '../../local/simulators/ml/batch/server.ts'
import { openChat } from '../../local/simulators/ml/chat.ts'
import { openTestDatabase } from '../setup/database.ts'
import { sendingTo } from '../setup/ml.ts'
import { keep, one, readAll, videos } from '../setup/seen-posts.ts'
import { unstopped } from '../setup/signal.ts'
import { fewAccounts, openTestWorld, type TestWorld } from '../setup/world.ts'

const apiKey = 'simulated-key'
const env = (provider: object) => ({
  ML_PROVIDERS: JSON.stringify([{ name: 'model', models: { text: 'gemma' }, ...provider }]),
  ML_KEYS: JSON.stringify({ model: apiKey }),
})

const openWorld = () => openTestWorld({ observations: fewAccounts(2), env: { ML_URL: undefined } })

const jobs = ({ db }: TestWorld) =>
  db.rows<{ status: string; count: number; twice: number }>(sql`
    select status, count(*)::int as count, count(*) filter (where maybe_paid_twice)::int as twice from ml_jobs group by 1 order by 1`)

const contents = async ({ db }: TestWorld) =>
  (await db.rows(sql`select distinct text_key from posts where text_key is not null`)).length

async function openChatWorld() {
  const world = await openWorld()
  const simulator = await openChat({ apiKey })
  onTestFinished(() => simulator.close())
  return { world, simulator, settings: env({ type: 'chat', url: simulator.url, submits_per_minute: 10_000 }) }
}

test('answers of a chat model are annotations at once, and each text is paid for once', async () => {
  const { world, simulator, settings } = await openChatWorld()
  const opened = await world.open(undefined, settings)
  await opened.runOnce()
  await opened.runOnce()
  await opened.close()
  const all = await contents(world)
  expect(await jobs(world)).toEqual([{ status: 'done', count: all, twice: 0 }])
  expect(simulator.answered()).toBe(all)
  expect(await world.db.rows(sql`select distinct model_version from annotations`)).toEqual([
    { model_version: 'gemma/latest' },
  ])
  expect(await world.db.rows(sql`select from sync_tasks where status <> 'done'`)).toEqual([])
  expect(await verify(world.db)).toEqual([])
})

/** Twelve posts with a text each, sent to a chat model over this database. */
async function sendTwelve(change: (db: Db) => Db) {
  const { db } = await openTestDatabase()
  await keep(db, [
    videos(0, ...Array.from({ length: 12 }, (_, number) => one(`v${number}`, `text ${number}`))),
  ])
  await readAll(db)
  const simulator = await openChat({ apiKey })
  onTestFinished(() => simulator.close())
  const fetchPicture = pictureFetcher({ fetch, hosts: [], origins: [] })
  const provider = chatProvider({ fetch, fetchPicture, baseUrl: simulator.url, apiKey })
  const send = (over: Db) => runSubmit({ db: over, random: () => 0, ...sendingTo(provider) }, unstopped)
  await send(change(db)).catch(() => undefined)
  await db.rows(sql`update ml_jobs set next_at = app_now() where status in ('planned', 'submitting')`)
  await send(db)
  return { db, simulator }
}

test('an answer of a chat model that a database in trouble cannot take at once is written a little later', async () => {
  let failing = 2
  const { db, simulator } = await sendTwelve((over) => ({
    ...over,
    transaction: (work) =>
      over.transaction(async (tx) => {
        const done = await work(tx)
        const [written] = await tx.rows(sql`select from annotations limit 1`)
        if (written && failing > 0) {
          failing -= 1
          throw Object.assign(new Error('terminating connection'), { code: '57P01' })
        }
        return done
      }),
  }))
  expect(failing).toBe(0)
  expect(simulator.answered()).toBe(12)
  expect(
    await db.rows(sql`select kind, status, parked, error ->> 'code' as code, count(*)::int as count, bool_or(maybe_paid_twice) as twice
    from ml_jobs group by 1, 2, 3, 4 order by 1`),
  ).toEqual([{ kind: 'text', status: 'done', parked: false, code: null, count: 12, twice: false }])
  expect(await verify(db)).toEqual([])
})

test('answers that are lost with the process are paid for once more, and counted', async () => {
  const { db, simulator } = await sendTwelve((over) => ({
    ...over,
    transaction: (work) =>
      over.transaction(async (tx) => {
        const done = await work(tx)
        if ((await tx.rows(sql`select from annotations limit 1`)).length > 0)
          throw Object.assign(new Error('terminating connection'), { code: '57P01' })
        return done
      }),
  }))
  const [{ twice } = { twice: 0 }] = await db.rows<{ twice: number }>(
    sql`select count(*)::int as twice from ml_jobs where maybe_paid_twice`,
  )
  expect(twice).toBeGreaterThan(0)
  expect(simulator.answered()).toBe(12 + twice)
  expect(await db.rows(sql`select from annotations`)).toHaveLength(12)
  expect(await verify(db)).toEqual([])
})

async function openBatchWorld(provider: object = {}, failing?: (line: number) => boolean) {
  const world = await openWorld()
  const simulator = await openBatch({ now: () => world.clock.now(), apiKey, ...(failing ? { failing } : {}) })
  onTestFinished(() => simulator.close())
  const settings = env({ type: 'ai-studio-batch', endpoint: simulator.endpoint, folder: 'b1g', ...provider })
  return { world, simulator, opened: await world.open(undefined, settings) }
}

test('jobs of batch inference wait for one another, go as few runs, and their datasets are removed', async () => {
  const { world, simulator, opened } = await openBatchWorld({ run_hours: 2 })
  await opened.runOnce()
  const all = await contents(world)
  expect(all).toBeLessThan(200)
  expect(await jobs(world)).toEqual([{ status: 'done', count: all, twice: 0 }])
  expect(simulator.begun()).toBe(1)
  const [{ waited } = { waited: 0 }] = await world.db.rows<{ waited: number }>(
    sql`select extract(epoch from min(submitted_at - created_at)) / 3600 as waited from ml_jobs`,
  )
  expect(Number(waited)).toBeGreaterThan(1.9)
  expect(simulator.kept()).toBe(2)
  await world.clock.jumpTo(new Date(world.clock.now().getTime() + 3 * 3_600_000))
  await opened.cloud.triggers.tick('poll')
  expect(simulator.kept()).toBe(0)
  await opened.close()
  expect(await verify(world.db)).toEqual([])
})

test('lost answers of batch inference cost nothing: no run is begun twice', async () => {
  const { world, simulator, opened } = await openBatchWorld({ run_hours: 0, run_jobs: 40 })
  for (const method of ['create', 'validate', 'completion', 'describe', 'list', 'getDownloadUrls'])
    simulator.plan({ method, times: 2, code: status.DEADLINE_EXCEEDED, isLost: true })
  await opened.runOnce()
  await opened.close()
  const all = await contents(world)
  expect(await jobs(world)).toEqual([{ status: 'done', count: all, twice: 0 }])
  expect(simulator.completed()).toBe(simulator.begun())
  const [{ runs } = { runs: 0 }] = await world.db.rows<{ runs: number }>(
    sql`select count(distinct split_part(provider_job_id, '/', 1))::int as runs from ml_jobs`,
  )
  expect(simulator.begun()).toBe(runs)
  expect(await verify(world.db)).toEqual([])
})

test('lines that a run does not answer get one further attempt; the others are done', async () => {
  const { world, opened } = await openBatchWorld({ run_hours: 0 }, (line) => line % 7 === 3)
  await opened.runOnce()
  await opened.close()
  const found = await jobs(world)
  expect(found.map((one) => one.status)).toEqual(['done', 'failed'])
  const all = await contents(world)
  const [{ annotated } = { annotated: 0 }] = await world.db.rows<{ annotated: number }>(
    sql`select count(*)::int as annotated from annotations`,
  )
  expect(annotated).toBeGreaterThan(all * 0.9)
  expect(
    await world.db.rows(sql`select distinct error ->> 'code' as code from ml_jobs where status = 'failed'`),
  ).toEqual([{ code: 'line_failed' }])
  expect(await verify(world.db)).toEqual([])
})
