import { RetryableError } from '#shared/errors.ts'
import type { MlAnswer, MlProvider } from '#shared/ml/provider.ts'
import { fraction } from '../../local/world/random.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

interface Job {
  readonly key: string
  readonly doneAt: number
  forgotten: boolean
}

/** A provider in the memory of a test, on the world's clock, that goes wrong in every way that its contract allows. */
export function slowProvider(now: () => Date, outages: readonly (readonly [number, number])[]) {
  const start = now().getTime()
  const jobs = new Map<string, Job>()
  const byKey = new Map<string, string>()
  const once = new Set<string>()
  const sinceStart = () => now().getTime() - start
  const isDown = () => outages.some(([from, to]) => sinceStart() >= from && sinceStart() < to)
  const refuseWhenDown = () => {
    if (isDown())
      throw new RetryableError('answered 503', {
        scope: 'pool',
        reason: 'provider',
        maybeDone: true,
        afterMs: 120_000,
      })
  }
  /** The first time that this happens to that key, for a share of keys. */
  const strikes = (what: string, key: string, share: number) => {
    if (fraction(`${what} ${key}`) >= share || once.has(`${what} ${key}`)) return false
    once.add(`${what} ${key}`)
    return true
  }
  const accepted: string[] = []
  /** Whether the job is not known at this moment, or from now on. */
  const isUnknown = (job: Job): boolean => {
    if (job.forgotten || strikes('flapping', job.key, 0.02)) return true
    job.forgotten = strikes('forgotten', job.key, 0.01)
    if (job.forgotten) byKey.delete(job.key)
    return job.forgotten
  }
  const endOf = ({ key }: Job): MlAnswer => {
    const isFirst = key.endsWith('-1')
    if (isFirst && strikes('gone', key, 0.01)) return { state: 'gone' }
    if (isFirst && strikes('failed', key, 0.02))
      return { state: 'failed', error: { code: 'busy', message: 'busy' }, retryable: true }
    if (fraction(`refused ${key}`) < 0.01)
      return { state: 'failed', error: { code: 'bad', message: 'bad' }, retryable: false }
    return { state: 'done', result: { items: [{ status: 'ok', sentiment: 0 }] }, modelVersion: 'm@1' }
  }
  const answerOf = (id: string): MlAnswer => {
    const job = jobs.get(id)
    if (!job || isUnknown(job)) return { state: 'unknown' }
    return now().getTime() < job.doneAt ? { state: 'pending', afterMs: undefined } : endOf(job)
  }
  const provider: MlProvider = {
    idempotent: true,
    batchSize: 100,
    learnSize: () => undefined,
    callsFor: () => 1,
    isUp: async () => !isDown(),
    submit: async ({ key }) => {
      refuseWhenDown()
      const known = byKey.get(key)
      if (known) return { jobId: known, afterMs: undefined }
      const id = `j${accepted.length}`
      accepted.push(key)
      // A minute to nine days, most of them short; a further attempt does not draw the same time.
      const ms = minute * (9 * 1_440) ** (fraction(`lasts ${key}`) ** 1.4)
      jobs.set(id, { key, doneAt: now().getTime() + ms, forgotten: false })
      byKey.set(key, id)
      if (strikes('lost', key, 0.03))
        throw new RetryableError('no answer', { maybeDone: true, reason: 'unreachable' })
      return { jobId: id, afterMs: undefined }
    },
    ask: async (ids) => {
      refuseWhenDown()
      return new Map(ids.map((id) => [id, answerOf(id)]))
    },
  }
  return { provider, accepted, doneAt: (id: string) => jobs.get(id)?.doneAt ?? Number.NaN }
}

export { day, hour, minute }
