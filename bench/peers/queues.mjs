// The three libraries behind one shape: migrate, then start with or without workers.
import { createPostgresBackend, DelayedError, Queue, setDefaultBackendFactory, Worker } from 'bullmq'
import { Logger, makeWorkerUtils, run, runMigrations } from 'graphile-worker'
import pg from 'pg'
import { PgBoss } from 'pg-boss'
import { counter } from './work.mjs'

const silent = () => undefined
const quiet = new Logger(() => silent)
const pagesOf = (count, jobOf) => Array.from({ length: count }, (_, number) => jobOf(number))

/** One piece of ML work; calls `again` with the number of asks so far while it is not done. */
async function mlStep(work, { id, asks }, again) {
  await work.before()
  if (asks === 0) await work.submit(id)
  else if (work.isDone(asks)) return work.complete(id)
  return again({ id, asks: asks + 1 })
}

const graphile = {
  settings: { concurrentJobs: 10, localQueue: { size: 50 }, completeJobBatchDelay: 5, failJobBatchDelay: 5 },
  /** Its quickest settings for jobs that do nothing. */
  quickest: {
    concurrentJobs: 24,
    localQueue: { size: 500 },
    completeJobBatchDelay: 20,
    failJobBatchDelay: 20,
  },
  migrate: (url) => runMigrations({ connectionString: url, logger: quiet }),
  left: (url) => counter(url, 'select count(*)::int as count from graphile_worker._private_jobs'),
  start: async (url, work, { workers = true, unlock = false, quickest = false } = {}) => {
    const pgPool = new pg.Pool({ connectionString: url, max: 12 })
    pgPool.on('error', silent)
    pgPool.on('connect', (client) => client.on('error', silent))
    const utils = await makeWorkerUtils({ pgPool, logger: quiet })
    const taskList = {
      nothing: silent,
      page: async ({ number }, { addJobs }) => {
        await work.before()
        const ids = await work.page(number)
        await addJobs(ids.map((id) => ({ identifier: 'ml', payload: { id, asks: 0 } })))
      },
      ml: (payload, { addJob }) => mlStep(work, payload, (next) => addJob('ml', next)),
    }
    if (unlock) {
      const held = await pgPool.query(
        'select distinct locked_by from graphile_worker._private_jobs where locked_by is not null',
      )
      await utils.forceUnlockWorkers(held.rows.map((row) => row.locked_by))
    }
    const options = { pgPool, taskList, noHandleSignals: true, crontab: '', logger: quiet }
    const runner = workers
      ? await run({ ...options, preset: { worker: quickest ? graphile.quickest : graphile.settings } })
      : undefined
    return {
      enqueue: (count) =>
        utils.addJobs(pagesOf(count, (number) => ({ identifier: 'page', payload: { number } }))),
      enqueueNothing: (count) =>
        utils.addJobs(pagesOf(count, () => ({ identifier: 'nothing', payload: {} }))),
      stop: async () => {
        await runner?.stop()
        await utils.release()
        await pgPool.end()
      },
    }
  },
}

const pgboss = {
  settings: {
    batchSize: 50,
    burstWhenBatchFull: true,
    pollingIntervalSeconds: 0.5,
    notifyPollingIntervalSeconds: 0.5,
  },
  /** Its quickest settings for jobs that do nothing. */
  quickest: { batchSize: 500, localConcurrency: 4, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 },
  migrate: async (url) => {
    const boss = new PgBoss({ connectionString: url, supervise: false, schedule: false })
    await boss.start()
    await boss.stop({ graceful: false })
  },
  left: (url) =>
    counter(
      url,
      `select count(*)::int as count from pgboss.job where state < 'completed' and name in ('page', 'ml', 'nothing')`,
    ),
  start: async (url, work, { workers = true, recover = false } = {}) => {
    const watch = recover ? { superviseIntervalSeconds: 1, monitorIntervalSeconds: 1 } : {}
    const boss = new PgBoss({ connectionString: url, schedule: false, useListenNotify: true, ...watch })
    boss.on('error', silent)
    boss.on('warning', silent)
    await boss.start()
    const queue = { notify: true, ...(recover ? { expireInSeconds: 5 } : {}) }
    for (const name of ['page', 'ml', 'nothing']) await boss.createQueue(name, queue)
    if (workers) {
      await boss.work('nothing', pgboss.quickest, async () => undefined)
      const servePage = async ({ data }) => {
        await work.before()
        return work.page(data.number)
      }
      await boss.work('page', pgboss.settings, async (jobs) => {
        const found = await Promise.all(jobs.map(servePage))
        await boss.insert(
          'ml',
          found.flat().map((id) => ({ data: { id, asks: 0 } })),
        )
      })
      await boss.work('ml', pgboss.settings, async (jobs) => {
        const next = []
        await Promise.all(jobs.map(({ data }) => mlStep(work, data, (again) => next.push({ data: again }))))
        if (next.length > 0) await boss.insert('ml', next)
      })
    }
    return {
      enqueue: (count) =>
        boss.insert(
          'page',
          pagesOf(count, (number) => ({ data: { number } })),
        ),
      enqueueNothing: (count) =>
        boss.insert(
          'nothing',
          pagesOf(count, () => ({ data: {} })),
        ),
      stop: () => boss.stop({ graceful: true, timeout: 5000 }),
    }
  },
}

/** Where the machine has a Redis, BullMQ is measured on it; else on its PostgreSQL back end. */
const redis = process.env.REDIS_URL ? new URL(process.env.REDIS_URL) : undefined
if (!redis) setDefaultBackendFactory(createPostgresBackend)
const connectionOf = (url, postgres) =>
  redis
    ? { host: redis.hostname, port: Number(redis.port), maxRetriesPerRequest: null }
    : { connectionString: url, ...postgres }
const bullmq = {
  settings: { concurrency: 24 },
  migrate: async (url) => {
    const queue = new Queue('work', { connection: connectionOf(url, { max: 2, migrate: true }) })
    queue.on('error', silent)
    await queue.waitUntilReady()
    // A database of Redis is not new, unlike one of PostgreSQL.
    if (redis) await queue.obliterate({ force: true })
    await queue.close()
  },
  left: async (url) => {
    const queue = new Queue('work', { connection: connectionOf(url, { max: 1, migrate: false }) })
    const count = () => queue.getJobCountByTypes('waiting', 'active', 'delayed', 'prioritized')
    return { count, close: () => queue.close() }
  },
  start: async (url, work, { workers = true, recover = false } = {}) => {
    const connection = connectionOf(url, { max: 12, migrate: false })
    const queue = new Queue('work', {
      connection,
      defaultJobOptions: { removeOnComplete: true, removeOnFail: 100 },
    })
    queue.on('error', silent)
    await queue.waitUntilReady()
    const locks = recover ? { lockDuration: 5000, stalledInterval: 1000 } : {}
    const serve = async (job, token) => {
      if (job.name === 'nothing') return undefined
      if (job.name === 'page') {
        await work.before()
        const ids = await work.page(job.data.number)
        return queue.addBulk(ids.map((id) => ({ name: 'ml', data: { id, asks: 0 } })))
      }
      return mlStep(work, job.data, async (next) => {
        await job.updateData(next)
        await job.moveToDelayed(Date.now() + 1, token)
        throw new DelayedError()
      })
    }
    const worker = workers
      ? new Worker('work', serve, { connection, ...bullmq.settings, ...locks })
      : undefined
    worker?.on('error', silent)
    await worker?.waitUntilReady()
    return {
      enqueue: (count) => queue.addBulk(pagesOf(count, (number) => ({ name: 'page', data: { number } }))),
      enqueueNothing: (count) => queue.addBulk(pagesOf(count, () => ({ name: 'nothing', data: {} }))),
      stop: async () => {
        await worker?.close()
        await queue.close()
      },
    }
  },
}

export const queues = { graphile, pgboss, bullmq }
