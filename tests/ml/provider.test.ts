import { expect, onTestFinished, test } from 'vitest'
import { httpProvider } from '#shared/ml/http-provider.ts'
import { answerFrom } from '#shared/ml/results.ts'
import type { MlSimulatorOptions } from '../../local/simulators/ml/job.ts'
import { openMl } from '../../local/simulators/ml/server.ts'

async function openBoth(options: Partial<MlSimulatorOptions> = {}) {
  let now = new Date('2026-11-01T00:00:00Z')
  const simulator = await openMl({ now: () => now, durationMs: () => 60_000, ...options })
  onTestFinished(() => simulator.close())
  const provider = httpProvider({
    fetch: (url, init) => fetch(url, init),
    baseUrl: simulator.url,
    idempotent: !options.minimal,
  })
  const wait = (ms: number) => {
    now = new Date(now.getTime() + ms)
  }
  return { simulator, provider, wait }
}

const job = { key: 'a-1', kind: 'text' as const, model: 'text-v1', input: { text: 'with @nike and Apple' } }

test('a job is pending, then done with the version that answered', async () => {
  const { provider, wait } = await openBoth()
  const { jobId, afterMs } = await provider.submit(job)
  expect(afterMs).toBe(60_000)
  expect((await provider.ask([jobId])).get(jobId)).toMatchObject({ state: 'pending' })
  wait(60_000)
  const answer = (await provider.ask([jobId, 'nobody'])).get(jobId)
  expect(answer).toMatchObject({
    state: 'done',
    modelVersion: 'text-v1@2026-10-02',
    result: { items: [{ mentions: ['nike'] }] },
  })
  expect((await provider.ask(['nobody'])).get('nobody')).toEqual({ state: 'unknown' })
})

test('the same key gives the same job', async () => {
  const { provider, simulator } = await openBoth()
  expect(await provider.submit(job)).toMatchObject({ jobId: (await provider.submit(job)).jobId })
  expect(simulator.accepted()).toBe(1)
  await expect(provider.submit({ ...job, input: { text: 'other' } })).rejects.toMatchObject({
    reason: 'refused',
  })
})

test('a provider with only POST /jobs and GET /jobs/{id} works too', async () => {
  const { provider, simulator, wait } = await openBoth({ minimal: true })
  const ids = await Promise.all(
    [1, 2, 3].map(async (n) => (await provider.submit({ ...job, key: `k${n}-1` })).jobId),
  )
  expect([...(await provider.ask(ids)).values()].map(({ state }) => state)).toEqual([
    'pending',
    'pending',
    'pending',
  ])
  wait(60_000)
  expect(
    [...(await provider.ask(ids)).values()].every(
      (answer) => answer.state === 'done' && answer.modelVersion === null,
    ),
  ).toBe(true)
  expect(simulator.calls.get('/jobs:batchGet')).toBe(1)
})

test.for([
  {
    name: 'too many requests',
    status: 429,
    headers: { 'retry-after': '7' },
    verdict: { scope: 'pool', afterMs: 7_000 },
  },
  { name: 'a wrong key', status: 401, headers: {}, verdict: { scope: 'pool', reason: 'credential' } },
  { name: 'an internal error', status: 500, headers: {}, verdict: { scope: 'call', maybeDone: true } },
  { name: 'a bad input', status: 422, headers: {}, verdict: { reason: 'refused' } },
  { name: 'a job being made', status: 409, headers: {}, verdict: { scope: 'call', maybeDone: false } },
])('$name is a verdict', async ({ status, headers, verdict }) => {
  const { provider, simulator } = await openBoth()
  simulator.plan({
    path: '/jobs',
    times: 1,
    status: { status, body: {}, headers: headers as Record<string, string> },
  })
  await expect(provider.submit(job)).rejects.toMatchObject(verdict)
})

test('an answer lost on the way says that the job may have been taken', async () => {
  const { provider, simulator } = await openBoth()
  simulator.plan({ path: '/jobs', times: 1, drop: true })
  await expect(provider.submit(job)).rejects.toMatchObject({ maybeDone: true })
})

test.for([
  {
    name: 'an unknown state of a pending job',
    body: { job_id: 'j', status: 'pending', state: 'dreaming' },
    is: { state: 'pending' },
  },
  {
    name: 'a minimal done',
    body: { job_id: 'j', status: 'done', result: {} },
    is: { state: 'done', modelVersion: null },
  },
  {
    name: 'a partial with one success',
    body: {
      job_id: 'j',
      status: 'done',
      state: 'partial',
      result: { items: [{ status: 'ok' }, { status: 'error' }] },
    },
    is: { state: 'done' },
  },
  {
    name: 'a partial without any',
    body: {
      job_id: 'j',
      status: 'done',
      state: 'partial',
      result: { items: [{ status: 'error', error: { code: 'x', retryable: true } }] },
    },
    is: { state: 'failed', retryable: true },
  },
  {
    name: 'a failure',
    body: { job_id: 'j', status: 'done', state: 'failed', error: { code: 'x' } },
    is: { state: 'failed', retryable: false },
  },
  {
    name: 'an expired result',
    body: { job_id: 'j', status: 'done', state: 'expired' },
    is: { state: 'gone' },
  },
  { name: 'done without a result', body: { job_id: 'j', status: 'done' }, is: { state: 'broken' } },
  { name: 'another shape', body: { ok: true }, is: { state: 'broken', body: '{"ok":true}' } },
])('$name is read', ({ body, is }) => {
  expect(answerFrom(body, undefined)).toMatchObject(is)
})
