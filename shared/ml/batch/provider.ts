import { createHash } from 'node:crypto'
import { RetryableError, Stopped } from '../../errors.ts'
import type { FetchPicture } from '../../media/fetch-picture.ts'
import { answerOf } from '../prompt.ts'
import type { Gathering, MlAccepted, MlAnswer, MlProvider, MlRequest } from '../provider.ts'
import { byKey, leastPictures, linesOf } from './lines.ts'
import type { BatchService, Run } from './service.ts'

export interface BatchOptions extends Pick<Gathering, 'most' | 'least' | 'waitMs'> {
  readonly service: () => Promise<BatchService>
  readonly fetchPicture: FetchPicture
  /** Whether this caller alone may begin the run over a dataset now. */
  readonly mayBegin: (dataset: string) => Promise<boolean>
}

/**
 * Batch inference of AI Studio, which takes hours to days. A job is a line of a dataset. Uploading and checking cost nothing; a run is
 * begun when its jobs are asked about, by one caller alone and after a look whether there is one: so a lost answer costs nothing,
 * and a job is not paid twice.
 */
export function batchProvider(options: BatchOptions): MlProvider {
  // Results are read once for all jobs of a run that are asked about.
  const read = new Map<string, ReadonlyMap<string, string>>()
  const { most, least, waitMs } = options
  const gathering: Gathering = {
    ...{ most, least, waitMs },
    submitAll: (requests, signal) => submitAll(options, requests, signal),
  }
  return {
    idempotent: true,
    batchSize: 100,
    learnSize: () => undefined,
    callsFor: () => 4,
    gathering,
    submit: async (request, signal) => {
      const [sent] = await gathering.submitAll([request], signal)
      if (sent?.status === 'fulfilled') return sent.value
      throw sent?.reason
    },
    ask: async (ids) => {
      const service = await options.service()
      const answers = new Map<string, MlAnswer>()
      for (const [dataset, ofDataset] of Map.groupBy(ids, runOfJob))
        for (const answer of await askRun(options, service, read, dataset, ofDataset)) answers.set(...answer)
      return answers
    },
    tidy: (openOf, now, signal) => tidy(options, openOf, now, signal),
    isUp: async () => {
      try {
        await (await options.service()).look()
        return true
      } catch (error) {
        if (error instanceof RetryableError) return false
        throw error
      }
    },
  }
}

/** Jobs are named `DATASET/MODEL/KIND/MEDIUM/KEY`: all that is known of them when their answer comes. */
const nameOf = (dataset: string, { key, kind, model, input }: MlRequest): string =>
  [dataset, encodeURIComponent(model), kind, input.media?.[0]?.id ?? '', key].join('/')

const runOfJob = (id: string): string => id.split('/')[0] ?? ''

function partsOf(id: string) {
  const [, model = '', kind = '', mediumId = '', key = ''] = id.split('/')
  return { model: decodeURIComponent(model), kind, mediumId: mediumId === '' ? undefined : mediumId, key }
}

async function submitAll(
  options: BatchOptions,
  requests: readonly MlRequest[],
  signal: AbortSignal,
): Promise<PromiseSettledResult<MlAccepted>[]> {
  const service = await options.service()
  const outcomes = new Map<MlRequest, PromiseSettledResult<MlAccepted>>()
  for (const group of Map.groupBy(requests, ({ kind, model }) => `${kind} ${model}`).values()) {
    const lines = await linesOf(options.fetchPicture, group, signal, (request, reason) =>
      outcomes.set(request, { status: 'rejected', reason }),
    )
    if (lines.size === 0) continue
    // Nothing is paid for yet: a run of the few that could be fetched in time would be as dear as a whole one.
    if (signal.aborted && lines.size < Math.min(options.least, leastPictures, group.length))
      throw new Stopped('there was no time to fetch the pictures of a run')
    const text = `${[...lines.values()].join('\n')}\n`
    const name = `social-sync-${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
    const dataset = await service.upload(name, Boolean(group[0]?.input.media), text)
    for (const request of lines.keys()) {
      const value = { jobId: nameOf(dataset, request), afterMs: 180_000 }
      outcomes.set(request, { status: 'fulfilled', value })
    }
  }
  return requests.map((request) => outcomes.get(request) ?? { status: 'rejected', reason: noRoom() })
}

const noRoom = () =>
  new RetryableError('the pictures of this run are large: this one goes with the next', {
    reason: 'picture',
    counts: false,
  })

type Answers = (readonly [string, MlAnswer])[]
const forAll = (ids: readonly string[], answer: MlAnswer): Answers => ids.map((id) => [id, answer])
const pending = (afterMs: number): MlAnswer => ({ state: 'pending', afterMs })
const failure = (code: string, message: string, retryable: boolean): MlAnswer => ({
  ...{ state: 'failed', error: { code, message }, retryable },
})

async function askRun(
  { mayBegin }: BatchOptions,
  service: BatchService,
  read: Map<string, ReadonlyMap<string, string>>,
  dataset: string,
  ids: readonly string[],
): Promise<Answers> {
  const state = await service.datasetState(dataset)
  if (state === 'gone') return forAll(ids, { state: 'unknown' })
  if (state === 'invalid') return forAll(ids, failure('invalid_dataset', 'its dataset is refused', true))
  if (state === 'being checked') return forAll(ids, pending(60_000))
  const run = await service.runOf(dataset)
  if (!run) {
    if (await mayBegin(dataset)) await service.begin(dataset, partsOf(ids[0] ?? '').model)
    return forAll(ids, pending(300_000))
  }
  if (run.state === 'under way') return forAll(ids, pending(60_000))
  if (run.state === 'failed') return forAll(ids, failure('run_failed', run.trouble, true))
  const responses = read.get(dataset) ?? byKey(await service.results(run.resultId))
  // Of two runs at most: jobs of a run are asked about one after another.
  for (const old of [...read.keys()].slice(0, -1)) read.delete(old)
  read.set(dataset, responses)
  return ids.map((id) => [id, answerTo(id, responses, run)])
}

function answerTo(id: string, responses: ReadonlyMap<string, string>, run: Run): MlAnswer {
  const { key, kind, mediumId, model } = partsOf(id)
  const response = responses.get(key)
  if (response === undefined)
    return failure('line_failed', run.trouble || 'the run has no answer to it', true)
  return answerOf(kind as MlRequest['kind'], response, { mediumId, model })
}

/** A dataset whose answer was lost may be of jobs that are only now written. */
const keptMs = 3_600_000

/** Removes datasets of which no job is open: their number is limited. Returns why some could not be. */
async function tidy(
  { service: open }: BatchOptions,
  openOf: (runs: readonly string[]) => Promise<readonly string[]>,
  now: Date,
  signal: AbortSignal,
): Promise<unknown[]> {
  const service = await open()
  const old = (await service.datasets()).filter(({ madeAt }) => now.getTime() - madeAt.getTime() > keptMs)
  const kept = new Set(await openOf(old.map(({ id }) => id)))
  const failed: unknown[] = []
  for (const { id } of old) {
    if (kept.has(id) || signal.aborted) continue
    await service.remove(id).catch((error: unknown) => failed.push(error))
  }
  return failed
}
