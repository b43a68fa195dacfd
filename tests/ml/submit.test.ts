import { expect, test } from 'vitest'
import { runSubmit } from '#functions/submit/run.ts'
import { sql } from '#shared/db/sql.ts'
import { closePool } from '#shared/db/tables/quota-windows.ts'
import { RetryableError } from '#shared/errors.ts'
import { httpProvider } from '#shared/ml/http-provider.ts'
import type { MlProvider } from '#shared/ml/provider.ts'
import { openTestDatabase } from '../setup/database.ts'
import { sendingTo } from '../setup/ml.ts'
import { unstopped } from '../setup/signal.ts'

interface Tried {
  readonly provider: Partial<MlProvider> & Pick<MlProvider, 'idempotent' | 'submit'>
  readonly jobs: number
  /** One more job, whose sender died. */
  readonly hasLost?: boolean
  readonly wasClosed?: boolean
  /** Calls that the pool has room for. */
  readonly room?: number
  readonly signal?: AbortSignal
}

/** Sends planned jobs, and returns what was recorded. */
async function sendTo({ provider, jobs, hasLost, wasClosed, room = 1_000, signal = unstopped }: Tried) {
  const { db, clock } = await openTestDatabase()
  await db.rows(sql`
    insert into ml_jobs (content_key, sent_as, kind, model, status, sync_task_id)
    select md5(n::text)::uuid, n, 'text', 'm', 'planned', 1 from generate_series(0, ${jobs - 1}) n`)
  if (hasLost)
    await db.rows(sql`
      insert into ml_jobs (content_key, sent_as, kind, model, status, sync_task_id, attempts, next_at)
      values (md5('lost')::uuid, 'lost', 'text', 'm', 'submitting', 1, 1, app_now() - interval '1 hour')`)
  // A post has each of their contents.
  await db.rows(
    sql`insert into accounts (platform, native_id, access_mode) values ('youtube', 'UC1', 'public_key')`,
  )
  await db.rows(
    sql`insert into sync_tasks (account_id, platform, lane, mode) values (1, 'youtube', 'schedule', 'full')`,
  )
  await db.rows(sql`
    insert into posts (account_id, platform, native_id, class, class_source, published_at, title, text_key)
    select 1, 'youtube', sent_as, 'video', 'api', app_now(), 'a', content_key from ml_jobs`)
  const window = { pool: 'ml.submit', limit: room, period: 'minute', zone: 'UTC' } as const
  if (wasClosed) {
    await closePool(db, window, 60_000)
    await clock.jumpTo(new Date(clock.now().getTime() + 61_000))
  }
  let asked = 0
  const counting: MlProvider = {
    batchSize: 100,
    callsFor: () => 1,
    learnSize: () => undefined,
    ask: async () => new Map(),
    isUp: async () => true,
    ...provider,
    submit: (...request) => {
      asked += 1
      return provider.submit(...request)
    },
  }
  const deps = { db, random: () => 0, ...sendingTo(counting, { perMinute: room, deadlineMs: 1 }) }
  const outcome = await runSubmit(deps, signal)
  const saved = await db.rows<{ sent_as: string; attempt_no: number; status: string; attempts: number }>(
    sql`select sent_as, attempt_no, status, attempts from ml_jobs order by id`,
  )
  const [pool] = await db.rows<{ used: number; pause: number }>(sql`
    select sum(used)::int as used, extract(epoch from greatest(max(blocked_until), app_now()) - app_now())::float8 as pause
    from quota_windows where pool = 'ml.submit'`)
  return { saved, outcome, asked, reserved: pool?.used ?? 0, pause: pool?.pause ?? 0 }
}

const taken: MlProvider['submit'] = async ({ key }) => ({ jobId: key, afterMs: undefined })
const closed = async () => {
  throw new RetryableError('slow down', { scope: 'pool' })
}
const away = async () => {
  throw new RetryableError('answered 502', { scope: 'pool', reason: 'provider', maybeDone: true })
}

test('after the first refusal that closes the pool the rest of the batch is left, and nothing counts', async () => {
  const { saved, asked, reserved, pause } = await sendTo({
    provider: { idempotent: true, submit: closed },
    jobs: 50,
  })
  expect(asked).toBeLessThanOrEqual(8)
  expect(reserved).toBe(asked)
  expect(pause).toBeGreaterThan(0)
  expect(saved.map(({ status, attempts }) => `${status} ${attempts}`)).toEqual(Array(50).fill('planned 0'))
})

test('no more is reserved than is sent, also when the pool has room for a few only', async () => {
  const { asked, reserved, saved } = await sendTo({
    provider: { idempotent: true, submit: taken },
    jobs: 50,
    room: 20,
  })
  expect([asked, reserved]).toEqual([20, 20])
  expect(saved.filter(({ status }) => status === 'submitted')).toHaveLength(20)
  expect(saved).toHaveLength(50)
})

test('a provider that takes none is away: the pool closes, and no job has spent an attempt', async () => {
  const { saved, asked, pause } = await sendTo({ provider: { idempotent: true, submit: away }, jobs: 30 })
  expect(asked).toBe(8)
  expect(Math.round(pause)).toBe(60)
  expect(saved.map(({ status, attempts }) => `${status} ${attempts}`)).toEqual(Array(30).fill('planned 0'))
})

test('a job at which the provider breaks while it takes others bears that alone', async () => {
  const submit: MlProvider['submit'] = (job, signal) =>
    job.key.startsWith('3-') ? away() : taken(job, signal)
  const { saved, pause } = await sendTo({ provider: { idempotent: true, submit }, jobs: 30 })
  expect(pause).toBe(0)
  expect(saved.filter(({ status }) => status === 'submitted')).toHaveLength(29)
  expect(saved.find(({ sent_as }) => sent_as === '3')).toMatchObject({ status: 'planned', attempts: 1 })
})

test('while a provider is still away nothing is sent to see whether it is back', async () => {
  const { saved, asked, pause } = await sendTo({
    provider: { idempotent: false, submit: away, isUp: async () => false },
    jobs: 20,
    hasLost: true,
    wasClosed: true,
  })
  expect(asked).toBe(0)
  expect(pause).toBeGreaterThan(0)
  expect(saved.slice(0, 20).map(({ status }) => status)).toEqual(Array(20).fill('planned'))
})

test.for([
  ['after it was away', true],
  ['until then well', false],
] as const)(
  'a provider that hangs until time runs out, %s, costs no job a try, and the pool closes',
  async ([, wasClosed]) => {
    const stop = new AbortController()
    const hanging = httpProvider({
      fetch: () => {
        stop.abort()
        return new Promise(() => undefined)
      },
      baseUrl: 'http://ml.test',
      idempotent: true,
    })
    const { saved, pause, outcome } = await sendTo({
      provider: hanging,
      jobs: 20,
      wasClosed,
      signal: stop.signal,
    })
    expect(saved.map(({ status, attempts }) => `${status} ${attempts}`)).toEqual(Array(20).fill('planned 0'))
    expect(pause).toBeGreaterThan(100)
    expect(outcome).toMatchObject({ sent: 0, failed: [], until: expect.any(Date) })
  },
)

test('a job whose sender died is recorded as maybe paid even when the pool is closed', async () => {
  const { saved } = await sendTo({
    provider: { idempotent: false, submit: closed },
    jobs: 20,
    hasLost: true,
  })
  expect(saved.filter(({ sent_as }) => sent_as === 'lost')).toEqual([
    { sent_as: 'lost', attempt_no: 1, status: 'failed', attempts: 2 },
    { sent_as: 'lost', attempt_no: 2, status: 'planned', attempts: 0 },
  ])
})

test('a run that is stopped sends nothing further, and what it claimed is due again at once', async () => {
  const stop = new AbortController()
  const submit: MlProvider['submit'] = (job, signal) => {
    stop.abort()
    return taken(job, signal)
  }
  const { saved, asked } = await sendTo({
    provider: { idempotent: true, submit },
    jobs: 30,
    signal: stop.signal,
  })
  expect(asked).toBe(8)
  expect(saved.filter(({ status }) => status === 'submitted')).toHaveLength(8)
  expect(saved.filter(({ status, attempts }) => status === 'planned' && attempts === 0)).toHaveLength(22)
})
