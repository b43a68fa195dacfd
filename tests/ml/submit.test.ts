import { expect, test } from 'vitest'
import { RetryableError } from '#shared/errors.ts'
import type { MlProvider } from '#shared/ml/provider.ts'
import { type Sendable, submitPlanned } from '#shared/ml/submit.ts'

const job = (id: string, interrupted = false): Sendable => ({
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

/** Sends one batch of jobs to a provider that refuses all of them, and tells what was recorded. */
async function sendTo(provider: Pick<MlProvider, 'idempotent' | 'submit'>, jobs: Sendable[]) {
  const saved: { id: string; state: string; counts: boolean }[] = []
  const replaced: string[] = []
  let claims = [jobs]
  const deps = {
    provider: { ...provider, batchSize: 100, callsFor: () => 1, ask: async () => new Map() },
    claim: async () => claims.shift() ?? [],
    save: async (sent: readonly (typeof saved)[number][]) => void saved.push(...sent),
    replaceLost: async (lost: readonly Sendable[]) => void replaced.push(...lost.map(({ id }) => id)),
    pause: async () => {
      claims = []
    },
    attempts: 8,
    deadlineMs: 1,
    random: () => 0,
  }
  await submitPlanned(deps, () => true)
  return { saved, replaced }
}

const closed = async () => {
  throw new RetryableError('slow down', { scope: 'pool', afterMs: 0 })
}

test('after the first refusal that closes the pool the rest of the batch is left, and nothing counts', async () => {
  let asked = 0
  const submit = () => {
    asked += 1
    return closed()
  }
  const { saved } = await sendTo(
    { idempotent: true, submit },
    Array.from({ length: 50 }, (_, index) => job(String(index))),
  )
  expect(asked).toBeLessThanOrEqual(8)
  expect(saved).toHaveLength(50)
  expect(saved.every(({ state, counts }) => state === 'planned' && !counts)).toBe(true)
})

test('a job whose sender died is recorded as maybe paid even when the pool is closed', async () => {
  const jobs = [...Array.from({ length: 20 }, (_, index) => job(String(index))), job('lost', true)]
  expect((await sendTo({ idempotent: false, submit: closed }, jobs)).replaced).toEqual(['lost'])
})
