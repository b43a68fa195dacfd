import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { httpProvider } from '#shared/ml/http-provider.ts'
import { answerFrom } from '#shared/ml/results.ts'
import type { MlSimulatorOptions } from '../../local/simulators/ml/job.ts'
import { openMl } from '../../local/simulators/ml/server.ts'
import { unstopped } from '../setup/signal.ts'

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

const job = {
  key: 'a-1',
  kind: 'text' as const,
  model: 'text-v1',
  input: { text: 'with @nike and Apple' },
  traceparent: null,
}

test('a job is pending, then done with the version that answered', async () => {
  const { provider, wait } = await openBoth()
  const { jobId, afterMs } = await provider.submit(job, unstopped)
  expect(afterMs).toBe(60_000)
  expect((await provider.ask([jobId], unstopped)).get(jobId)).toMatchObject({ state: 'pending' })
  wait(60_000)
  const answer = (await provider.ask([jobId, 'nobody'], unstopped)).get(jobId)
  expect(answer).toMatchObject({
    state: 'done',
    modelVersion: 'text-v1@2026-10-02',
    result: { items: [{ mentions: ['nike'] }] },
  })
  expect((await provider.ask(['nobody'], unstopped)).get('nobody')).toEqual({ state: 'unknown' })
})

test('a job of which some media cannot be read is done in part', async () => {
  const { provider, wait } = await openBoth({ unreadable: 0.5 })
  const media = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => ({
    id,
    kind: 'image' as const,
    url: `https://example.com/${id}`,
  }))
  const { jobId } = await provider.submit(
    { key: 'm-1', kind: 'image', model: 'image-v1', input: { media }, traceparent: null },
    unstopped,
  )
  wait(60_000)
  const answer = (await provider.ask([jobId], unstopped)).get(jobId)
  expect(answer?.state).toBe('done')
  const { items } = (answer as { result: { items: { status: string }[] } }).result
  expect(new Set(items.map(({ status }) => status))).toEqual(new Set(['ok', 'error']))
  expect(items).toHaveLength(6)
})

test('a result thrown away before it was fetched is gone, asked about alone or with others', async () => {
  const { provider, simulator, wait } = await openBoth({ retentionMs: 3_600_000 })
  const { jobId } = await provider.submit(job, unstopped)
  wait(60_000 + 3_600_000)
  expect((await provider.ask([jobId], unstopped)).get(jobId)).toEqual({ state: 'gone' })
  simulator.plan({ path: '/jobs:batchGet', times: 1, status: { status: 404, body: {} } })
  expect((await provider.ask([jobId], unstopped)).get(jobId)).toEqual({ state: 'gone' })
})

test('asked about alone, a pending job says when to ask again', async () => {
  const { provider, simulator } = await openBoth()
  const { jobId } = await provider.submit(job, unstopped)
  simulator.plan({ path: '/jobs:batchGet', times: 1, status: { status: 404, body: {} } })
  expect(provider.callsFor(7)).toBe(1)
  expect((await provider.ask([jobId], unstopped)).get(jobId)).toEqual({ state: 'pending', afterMs: 60_000 })
  // It has learnt that this provider is asked job by job.
  expect(provider.callsFor(7)).toBe(7)
})

test('a simulated provider that keeps a journal knows its jobs when it is opened again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'social-sync-journal-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const options = { journal: join(folder, 'jobs.jsonl') }
  const first = await openBoth(options)
  const { jobId } = await first.provider.submit(job, unstopped)
  const second = await openBoth(options)
  expect(await second.provider.submit(job, unstopped)).toMatchObject({ jobId })
  second.wait(60_000)
  expect((await second.provider.ask([jobId], unstopped)).get(jobId)).toMatchObject({ state: 'done' })
})

test('the same key gives the same job', async () => {
  const { provider, simulator } = await openBoth()
  expect(await provider.submit(job, unstopped)).toMatchObject({
    jobId: (await provider.submit(job, unstopped)).jobId,
  })
  expect(simulator.accepted()).toBe(1)
  await expect(provider.submit({ ...job, input: { text: 'other' } }, unstopped)).rejects.toMatchObject({
    reason: 'refused',
  })
})

test('a provider with only POST /jobs and GET /jobs/{id} works too', async () => {
  const { provider, simulator, wait } = await openBoth({ minimal: true })
  const ids = await Promise.all(
    [1, 2, 3].map(async (n) => (await provider.submit({ ...job, key: `k${n}-1` }, unstopped)).jobId),
  )
  expect([...(await provider.ask(ids, unstopped)).values()].map(({ state }) => state)).toEqual([
    'pending',
    'pending',
    'pending',
  ])
  wait(60_000)
  expect(
    [...(await provider.ask(ids, unstopped)).values()].every(
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
  {
    name: 'an internal error',
    status: 500,
    headers: {},
    verdict: { scope: 'pool', reason: 'provider', maybeDone: true },
  },
  { name: 'a bad input', status: 422, headers: {}, verdict: { reason: 'refused' } },
  { name: 'a job being made', status: 409, headers: {}, verdict: { scope: 'call', maybeDone: false } },
])('$name is a verdict', async ({ status, headers, verdict }) => {
  const { provider, simulator } = await openBoth()
  simulator.plan({
    path: '/jobs',
    times: 1,
    status: { status, body: {}, headers: headers as Record<string, string> },
  })
  await expect(provider.submit(job, unstopped)).rejects.toMatchObject(verdict)
})

test('an answer lost on the way says that the job may have been taken', async () => {
  const { provider, simulator } = await openBoth()
  simulator.plan({ path: '/jobs', times: 1, drop: true })
  await expect(provider.submit(job, unstopped)).rejects.toMatchObject({ maybeDone: true })
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
