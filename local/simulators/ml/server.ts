import { createHash } from 'node:crypto'
import { fraction } from '../../world/random.ts'
import { namedFaults } from '../faults.ts'
import { type Fault, openSimulator, type SimAnswer, type SimRequest, type Simulator } from '../server.ts'
import { type Fetched, nothingToFetch, openFetching } from './fetching.ts'
import {
  fullView,
  hasBegun,
  isExpired,
  type Job,
  type JobRequest,
  type MlSimulatorOptions,
  makeJob,
  minimalView,
  retryAfterS,
} from './job.ts'
import { openJournal } from './journal.ts'

export interface MlSimulator extends Simulator {
  /** Jobs accepted so far; more than there are contents means that something was paid twice. */
  accepted(): number
  /** Forgets a job, as a provider does that lost its data. */
  forget(id: string): void
}

/** The ML job API on the world's clock: durations, failures, lost answers, a minimal mode. */
export async function openMl(options: MlSimulatorOptions): Promise<MlSimulator> {
  const jobs = new Map<string, Job>()
  const byKey = new Map<string, Job>()
  const journal = openJournal(options.journal)
  let made = 0
  const take = (key: string, job: Job) => {
    jobs.set(job.id, job)
    byKey.set(key, job)
    made += 1
  }
  for (const { key, job } of journal.read()) take(key, job)
  const post = (request: SimRequest): SimAnswer => {
    const body = parse(request.body)
    const key = header(request, 'idempotency-key')
    const bodyHash = createHash('sha256').update(request.body).digest('hex')
    const known = options.minimal ? undefined : byKey.get(key)
    if (known && known.bodyHash !== bodyHash) return problem(422, 'idempotency_mismatch')
    if (known) return { ...accepted(known), status: 200, headers: { 'idempotency-replayed': 'true' } }
    if (!body?.input || (!body.input.text && !body.input.media?.length)) return problem(400, 'invalid_input')
    if (!options.minimal && key === '') return problem(400, 'invalid_input')
    const job = makeJob(options, made + 1, key, bodyHash, body)
    take(key, job)
    journal.append({ key, job })
    return accepted(job)
  }
  const fetching = openFetching(options.now)
  const fetchedOf = (job: Job) =>
    options.fetches && job.input.media && hasBegun(job, options.now()) ? fetching.of(job) : nothingToFetch
  const view = (job: Job) =>
    options.minimal ? minimalView(job, options) : fullView(job, options, fetchedOf(job))
  const get = (request: SimRequest, id: string): SimAnswer => {
    const job = jobs.get(id)
    if (!job) return problem(404, 'job_unknown')
    return answerFor(job, options, header(request, 'if-none-match'), fetchedOf(job))
  }
  const batchGet = (request: SimRequest): SimAnswer => {
    const { ids = [] } = JSON.parse(request.body) as { ids?: string[] }
    if (ids.length > 100) return problem(400, 'invalid_input')
    const found = ids
      .flatMap((id) => jobs.get(id) ?? [])
      .map((job) =>
        isExpired(job, options) ? { job_id: job.id, status: 'done', state: 'expired' } : view(job),
      )
    return { status: 200, body: { jobs: found, not_found: ids.filter((id) => !jobs.has(id)) } }
  }
  const cancel = (id: string): SimAnswer => {
    const job = jobs.get(id)
    if (job) job.canceled = true
    return job ? { status: 200, body: view(job) } : problem(404, 'job_unknown')
  }
  const answer = (request: SimRequest): SimAnswer => {
    if (request.method === 'POST' && request.path === '/jobs') return post(request)
    const id = /^\/jobs\/([^/:]+)$/.exec(request.path)?.[1]
    if (request.method === 'GET' && id) return get(request, id)
    if (options.minimal) return problem(404, 'not_found')
    if (['/jobs:batchGet', '/jobs/batchGet'].includes(request.path)) return batchGet(request)
    const toCancel = /^\/jobs\/([^/:]+):cancel$/.exec(request.path)?.[1]
    return toCancel ? cancel(toCancel) : problem(404, 'not_found')
  }
  const forget = (id: string) => {
    jobs.delete(id)
    for (const [key, job] of byKey) if (job.id === id) byKey.delete(key)
  }
  const simulator = await openSimulator({ answer, byNature: losing(options), named: namedFaults.ml })
  return { ...simulator, accepted: () => made, forget }
}

/** Once per key, for a share of keys: the job is taken and the answer is lost. */
function losing({ losing: share = 0 }: MlSimulatorOptions): (request: SimRequest) => Fault | undefined {
  const lost = new Set<string>()
  return (request) => {
    const key = header(request, 'idempotency-key')
    if (request.path !== '/jobs' || lost.has(key) || fraction(`lost ${key}`) >= share) return undefined
    lost.add(key)
    return { path: request.path, times: 1, drop: true }
  }
}

/** The description of one job, or of nothing when it has not changed since the caller's copy of it. */
function answerFor(
  job: Job,
  options: MlSimulatorOptions,
  known: string,
  fetched: Fetched | undefined,
): SimAnswer {
  if (options.minimal) return { status: 200, body: minimalView(job, options) }
  if (isExpired(job, options)) return problem(410, 'result_expired')
  const body = fullView(job, options, fetched)
  const etag = `"${createHash('sha256').update(JSON.stringify(body)).digest('base64url').slice(0, 16)}"`
  if (known === etag) return { status: 304, body: undefined, headers: { etag } }
  const waitS = retryAfterS(job, options.now())
  return {
    status: 200,
    body,
    headers: { etag, ...(waitS === undefined ? {} : { 'retry-after': String(waitS) }) },
  }
}

function parse(body: string): JobRequest | undefined {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

const header = (request: SimRequest, name: string) => String(request.headers[name] ?? '')
const problem = (status: number, code: string): SimAnswer => ({
  status,
  body: { error: { code, message: code } },
})

function accepted(job: Job): SimAnswer {
  return {
    status: 202,
    body: {
      job_id: job.id,
      status: 'pending',
      state: 'queued',
      created_at: new Date(job.createdAt).toISOString(),
    },
    headers: { location: `/jobs/${job.id}`, 'retry-after': '60' },
  }
}
