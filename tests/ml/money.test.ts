import { expect, test } from 'vitest'
import { runPoll } from '#functions/poll/run.ts'
import { saveAnswered } from '#functions/submit/answered.ts'
import { runSubmit } from '#functions/submit/run.ts'
import { cancelMlJobs } from '#shared/db/operations/cancel-ml-jobs.ts'
import { expandPlans } from '#shared/db/operations/expand-plans.ts'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { claimToSubmit } from '#shared/db/tables/ml-jobs/claimed.ts'
import { saveSubmits } from '#shared/db/tables/ml-jobs/sent.ts'
import { installationId, mayBegin } from '#shared/db/tables/ml-runs.ts'
import { verify } from '#shared/db/views/verify.ts'
import { RetryableError } from '#shared/errors.ts'
import { batchProvider } from '#shared/ml/batch/provider.ts'
import type { BatchService, Run } from '#shared/ml/batch/service.ts'
import { answerOf } from '#shared/ml/prompt.ts'
import type { LastAnswer, MlProvider, Sending } from '#shared/ml/provider.ts'
import { openLogger } from '#shared/telemetry/logger.ts'
import { openTestDatabase } from '../setup/database.ts'
import { asking, routes, sendingTo, taking } from '../setup/ml.ts'
import { keep, one, readAll, videos } from '../setup/seen-posts.ts'
import { unstopped } from '../setup/signal.ts'

const random = () => 0
const hour = 3_600_000

/** Planned jobs of texts, made so many hours ago. */
async function openJobs(jobs: number, hoursAgo = 0) {
  const { db, clock } = await openTestDatabase()
  await db.rows(
    sql`insert into accounts (platform, native_id, access_mode) values ('youtube', 'UC1', 'public_key')`,
  )
  await db.rows(
    sql`insert into sync_tasks (account_id, platform, lane, mode) values (1, 'youtube', 'schedule', 'full')`,
  )
  await db.rows(sql`
    insert into ml_jobs (content_key, sent_as, kind, model, status, sync_task_id, created_at)
    select md5(n::text)::uuid, n, 'text', 'text-v1', 'planned', 1, app_now() - ${hoursAgo} * interval '1 hour'
    from generate_series(1, ${jobs}) n`)
  await db.rows(sql`
    insert into posts (account_id, platform, native_id, published_at, title, text_key)
    select 1, 'youtube', sent_as, app_now(), 'a', content_key from ml_jobs`)
  await db.rows(sql`insert into post_latest (post_id, observed_at) select id, app_now() from posts`)
  const later = (ms: number) => clock.jumpTo(new Date(clock.now().getTime() + ms))
  const send = (provider: MlProvider, options: Parameters<typeof sendingTo>[1] = {}) =>
    runSubmit({ db, random, ...sendingTo(provider, { usd: 1, ...options }) }, unstopped)
  return { db, later, send }
}

/** Takes jobs in runs, and notes how large these are. */
function gatherer(failing: ReadonlySet<string> = new Set()) {
  const runs: number[] = []
  const trouble = new RetryableError('no picture', { reason: 'picture' })
  const provider: MlProvider = {
    ...taking,
    gathering: {
      ...{ most: 500, least: 200, waitMs: 6 * hour },
      submitAll: async (requests) => {
        const taken = requests.filter(({ key }) => !failing.has(key))
        if (taken.length > 0) runs.push(taken.length)
        return requests.map(({ key }) =>
          failing.has(key)
            ? { status: 'rejected' as const, reason: trouble }
            : {
                status: 'fulfilled' as const,
                value: { jobId: `run${runs.length}/${key}`, afterMs: undefined },
              },
        )
      },
    },
  }
  return { provider, runs }
}

const daily = { pool: 'ml.day', limit: 700, period: 'day', zone: 'UTC' } as const

test.for<[string, Partial<Sending> & { readonly perMinute?: number }, number[]]>([
  ['a minute', { perMinute: 600 }, [500]],
  ['a day', { daily }, [500, 200]],
])('what may be sent in %s does not break runs apart', async ([, limits, expected]) => {
  const { send } = await openJobs(1_500)
  const { provider, runs } = gatherer()
  await send(provider, limits)
  expect(runs).toEqual(expected)
})

test('a job that failed once waits for others again', async () => {
  const { db, send, later } = await openJobs(50, 7)
  const [first] = await db.rows<{ key: string }>(
    sql`select sent_as || '-1' as key from ml_jobs order by id limit 1`,
  )
  const failing = new Set([first?.key ?? ''])
  const { provider, runs } = gatherer(failing)
  await send(provider)
  failing.clear()
  await later(3 * 60_000)
  await send(provider)
  expect(runs).toEqual([49])
  await later(7 * hour)
  await send(provider)
  expect(runs).toEqual([49, 1])
})

const done: LastAnswer = { state: 'done', result: { items: [{ status: 'ok' }] }, modelVersion: 'm' }
const spending = (db: Db) => db.rows(sql`select sent, lost, usd::float8 as usd from ml_spending`)

test('a slow model that answers at once is not asked twice: jobs that wait for their turn are held on to', async () => {
  const { db, send, later } = await openJobs(16)
  const asked: string[] = []
  const held = Promise.withResolvers<void>()
  const answering = (waits: boolean): MlProvider => ({
    ...{ ...taking, idempotent: false },
    submit: async ({ key }) => {
      asked.push(key)
      if (waits && asked.length > 8) await held.promise
      return { jobId: key, afterMs: undefined, answer: done }
    },
  })
  const first = send(answering(true))
  while (asked.length < 16) await new Promise((resolve) => setTimeout(resolve, 10))
  await later(60_000)
  await send(answering(false))
  held.resolve()
  await first
  expect(new Set(asked).size).toBe(asked.length)
  expect(await spending(db)).toEqual([{ sent: 16, lost: 0, usd: 16 }])
})

test('an answer that comes after it was taken for lost is adopted, counted, and saves what was to be sent in its place', async () => {
  const { db, send, later } = await openJobs(1)
  const { jobs } = await claimToSubmit(db, 'ml', 10)
  const [job] = jobs
  if (!job) throw new Error('there is no job')
  await later(95_000)
  // Another sender finds that the first died, and closes the pool before it sends again.
  await send({
    ...taking,
    idempotent: false,
    submit: async () => Promise.reject(new RetryableError('slow', { scope: 'pool' })),
  })
  expect(await db.rows(sql`select attempt_no, status from ml_jobs order by 1`)).toEqual([
    { attempt_no: 1, status: 'failed' },
    { attempt_no: 2, status: 'planned' },
  ])
  const outcome = {
    ...{ id: job.id, claim_token: job.claim_token, state: 'submitted' as const, provider_job_id: 'x' },
    ...{ after_ms: 0, deadline_ms: 1, error: null, parked: false, counts: true },
  }
  await saveAnswered({ db, usd: 1 }, job, outcome, done, 0)
  expect(await db.rows(sql`select attempt_no, status from ml_jobs order by 1`)).toEqual([
    { attempt_no: 1, status: 'done' },
    { attempt_no: 2, status: 'done' },
  ])
  expect(await spending(db)).toEqual([{ sent: 1, lost: 1, usd: 1 }])
  expect(await verify(db)).toEqual([])
})

test('what a provider took is counted, also when a person cancels it at that moment', async () => {
  const { db, send } = await openJobs(1)
  await send({
    ...taking,
    submit: async ({ key }) => {
      await cancelMlJobs(db, ['1'], 'person')
      return { jobId: key, afterMs: undefined }
    },
  })
  expect(await db.rows(sql`select status from ml_jobs`)).toEqual([{ status: 'cancelled' }])
  expect(await spending(db)).toEqual([{ sent: 1, lost: 0, usd: 1 }])
})

test.for(['\u0000 no JSON', `${'x'.repeat(299)}😀 no JSON`])(
  'an answer that is no JSON is one job’s failure, whatever is in it, and others go on: %j',
  async (text) => {
    const { db, later } = await openJobs(4)
    const log = openLogger({ level: 'fatal' })
    const answer = answerOf('text', text, { mediumId: undefined, model: null })
    const strange = {
      state: 'failed' as const,
      error: { code: 'a\u0000b', message: '\ud83d' },
      retryable: false,
    }
    const provider: MlProvider = {
      ...taking,
      ask: async (ids) => new Map(ids.map((id, place) => [id, [answer, strange, done][place] ?? done])),
    }
    await runSubmit({ db, random, ...sendingTo(provider) }, unstopped)
    await later(2 * 60_000)
    await runPoll({ db, log, random, ...asking(provider), askMs: 50_000 }, unstopped)
    expect(
      await db.rows(
        sql`select status, count(*)::int as jobs from ml_jobs where attempt_no = 1 group by 1 order by 1`,
      ),
    ).toEqual([
      { status: 'done', jobs: 2 },
      { status: 'failed', jobs: 2 },
    ])
  },
)

test('a content that was given up after a failed try gets a job when it comes back', async () => {
  const { db } = await openTestDatabase()
  const write = async (minute: number, title: string) => {
    await keep(db, [videos(minute, one('v1', title))])
    await readAll(db)
  }
  await write(0, 'old')
  const { jobs } = await expandPlans(db, routes, 'ml', 10)
  const failed = { code: 'provider', message: 'answered 500' }
  const none = {
    state: 'planned' as const,
    provider_job_id: null,
    after_ms: 0,
    deadline_ms: null,
    parked: false,
  }
  await saveSubmits(
    db,
    jobs.map(({ id, claim_token }) => ({ ...none, id, claim_token, error: failed, counts: true })),
    undefined,
  )
  await write(60, 'new')
  await claimToSubmit(db, 'ml', 10)
  await expandPlans(db, routes, 'ml', 10)
  await write(120, 'old')
  expect((await expandPlans(db, routes, 'ml', 10)).jobs).toHaveLength(1)
  expect(await verify(db)).toEqual([])
})

test('of several who ask about a run at once one begins it, and again only when none is to be seen half an hour later', async () => {
  const { db, clock } = await openTestDatabase()
  const begun: string[] = []
  const service = {
    datasetState: async () => 'checked' as const,
    runOf: async (): Promise<Run | undefined> => undefined,
    begin: async (dataset: string) => {
      begun.push(dataset)
      throw new RetryableError('no answer', { scope: 'pool', reason: 'provider', maybeDone: true })
    },
  } as unknown as BatchService
  const open = () =>
    batchProvider({
      ...{ most: 500, least: 1, waitMs: 0, service: async () => service },
      fetchPicture: async () => Promise.reject(new Error('no picture')),
      mayBegin: (run) => mayBegin(db, 'batch', run),
    })
  const ask = () =>
    Promise.all(
      ['a', 'b', 'c'].map((key) =>
        open()
          .ask([`ds/m/text//${key}-1`], unstopped)
          .catch(() => undefined),
      ),
    )
  await ask()
  await ask()
  expect(begun).toEqual(['ds'])
  await clock.jumpTo(new Date(clock.now().getTime() + 31 * 60_000))
  await ask()
  expect(begun).toEqual(['ds', 'ds'])
})

test('datasets are removed one by one, those of open jobs stay, and an installation knows its own', async () => {
  const { db } = await openTestDatabase()
  expect(await installationId(db)).toMatch(/^[0-9a-f-]{36}$/)
  const removed: string[] = []
  const service = {
    datasets: async () => ['open', 'bad', 'old'].map((id) => ({ id, madeAt: new Date(0) })),
    remove: async (id: string) => {
      if (id === 'bad') throw new RetryableError('it is under way')
      removed.push(id)
    },
  } as unknown as BatchService
  const provider = batchProvider({
    ...{ most: 500, least: 1, waitMs: 0, service: async () => service, mayBegin: async () => true },
    fetchPicture: async () => Promise.reject(new Error('no picture')),
  })
  const failed = await provider.tidy?.(async () => ['open'], new Date(), unstopped)
  expect(removed).toEqual(['old'])
  expect(failed).toHaveLength(1)
})
