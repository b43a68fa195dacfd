import { expect, test } from 'vitest'
import { RetryableError } from '#shared/errors.ts'
import type { MlProvider } from '#shared/ml/provider.ts'
import { submitPlanned } from '#shared/ml/submit.ts'
import type { SendableJob } from '#shared/model/ml-job.ts'

const job = (id: string, interrupted = false): SendableJob => ({
  id,
  input_key: id,
  kind: 'text',
  model: 'm',
  attempt_no: 1,
  attempts: 2,
  input: { text: 'a' },
  traceparent: null,
  interrupted,
})

interface Tried {
  readonly provider: Partial<MlProvider> & Pick<MlProvider, 'idempotent' | 'submit'>
  readonly jobs: readonly SendableJob[]
  readonly wasClosed?: boolean
  /** Calls that the pool has room for. */
  readonly room?: number
}

/** Sends one batch of jobs, and tells what was recorded. */
async function sendTo({ provider, jobs, wasClosed = false, room = 1_000 }: Tried) {
  const saved: { id: string; state: string; counts: boolean }[] = []
  const replaced: string[] = []
  const pauses: number[] = []
  let [claims, left, asked] = [[jobs], room, 0]
  const deps = {
    provider: {
      batchSize: 100,
      callsFor: () => 1,
      learnSize: () => undefined,
      ask: async () => new Map(),
      isUp: async () => true,
      ...provider,
      submit: (request: Parameters<MlProvider['submit']>[0]) => {
        asked += 1
        return provider.submit(request)
      },
    },
    claim: async () => [...(claims.shift() ?? [])],
    reserve: async (calls: number) => {
      if (calls > left) return false
      left -= calls
      return true
    },
    wasClosed: async () => wasClosed,
    save: async (sent: readonly (typeof saved)[number][]) => {
      saved.push(...sent)
      return []
    },
    replaceLost: async (lost: readonly SendableJob[]) => void replaced.push(...lost.map(({ id }) => id)),
    pause: async (forMs: number) => {
      pauses.push(forMs)
      claims = []
    },
    attempts: 8,
    deadlineMs: 1,
    random: () => 0,
  }
  await submitPlanned(deps, () => true)
  return { saved, replaced, pauses, asked, reserved: room - left }
}

const many = (count: number) => Array.from({ length: count }, (_, index) => job(String(index)))
const closed = async () => {
  throw new RetryableError('slow down', { scope: 'pool', afterMs: 0 })
}
const away = async () => {
  throw new RetryableError('answered 502', { scope: 'pool', reason: 'provider', maybeDone: true })
}

test('after the first refusal that closes the pool the rest of the batch is left, and nothing counts', async () => {
  const { saved, asked, reserved, pauses } = await sendTo({
    provider: { idempotent: true, submit: closed },
    jobs: many(50),
  })
  expect(asked).toBeLessThanOrEqual(8)
  expect(reserved).toBe(asked)
  expect(pauses).toHaveLength(1)
  expect(saved).toHaveLength(50)
  expect(saved.every(({ state, counts }) => state === 'planned' && !counts)).toBe(true)
})

test('no more is reserved than is sent, also when the pool has room for a few only', async () => {
  const submit = async () => ({ jobId: 'j', afterMs: undefined })
  const { asked, reserved, saved } = await sendTo({
    provider: { idempotent: true, submit },
    jobs: many(50),
    room: 20,
  })
  expect([asked, reserved]).toEqual([16, 16])
  expect(saved.filter(({ state }) => state === 'submitted')).toHaveLength(16)
  expect(saved).toHaveLength(50)
})

test('a provider that takes none is away: the pool closes, and no job has spent an attempt', async () => {
  const { saved, asked, pauses } = await sendTo({
    provider: { idempotent: true, submit: away },
    jobs: many(30),
  })
  expect(asked).toBe(8)
  expect(pauses).toEqual([60_000])
  expect(saved.some(({ counts, state }) => counts || state === 'failed')).toBe(false)
})

test('a job at which the provider breaks while it takes others bears that alone', async () => {
  const submit: MlProvider['submit'] = ({ key }) =>
    key.startsWith('3-') ? away() : Promise.resolve({ jobId: key, afterMs: undefined })
  const { saved, pauses } = await sendTo({ provider: { idempotent: true, submit }, jobs: many(30) })
  expect(pauses).toEqual([])
  expect(saved.filter(({ state }) => state === 'submitted')).toHaveLength(29)
  expect(saved.find(({ id }) => id === '3')).toMatchObject({ state: 'planned', counts: true })
})

test('while a provider is still away nothing is sent to see whether it is back', async () => {
  const { saved, asked, pauses } = await sendTo({
    provider: { idempotent: false, submit: away, isUp: async () => false },
    jobs: [...many(20), job('lost', true)],
    wasClosed: true,
  })
  expect(asked).toBe(0)
  expect(pauses).toHaveLength(1)
  expect(saved).toHaveLength(20)
})

test('a job whose sender died is recorded as maybe paid even when the pool is closed', async () => {
  const jobs = [...many(20), job('lost', true)]
  expect((await sendTo({ provider: { idempotent: false, submit: closed }, jobs })).replaced).toEqual(['lost'])
})
