import { setTimeout as after } from 'node:timers/promises'
import type * as z from 'zod'
import { jsonOf } from '#shared/model/json.ts'
import type { MlKind } from '#shared/model/ml-job.ts'
import { Batch, Job, Taken } from './contract.ts'

/** A provider that is checked over HTTP. */
export interface Checked {
  readonly url: string
  readonly key?: string | undefined
  readonly kind: MlKind
  /** Absent: the provider chooses. */
  readonly model?: string | undefined
  /** An address that leads to a picture by a redirect; for kinds that are of texts it is not used. */
  readonly picture: string
  /** How long a job may take. */
  readonly waitMs: number
}

export interface Check {
  readonly name: string
  /** Left out by a minimal provider: what it costs then. undefined: every provider has it. */
  readonly without?: string
  /** Throws what is wrong, in words. Returns false where the provider does not have it. */
  readonly run: (job: Opened) => Promise<boolean>
}

interface Answer {
  readonly status: number
  readonly body: unknown
  readonly headers: Headers
}

/** Calls to the provider, and a job that most checks look at. */
export interface Opened {
  readonly of: Checked
  readonly call: (method: string, path: string, body?: unknown, key?: string) => Promise<Answer>
  /** Sends a job; the text differs each time. */
  readonly send: (key: string, text?: string) => Promise<Answer>
}

export function openChecked(of: Checked): Opened {
  const call: Opened['call'] = async (method, path, body, key) => {
    const response = await fetch(`${of.url.replace(/\/$/, '')}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(of.key === undefined ? {} : { authorization: `Bearer ${of.key}` }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(15_000),
    })
    return { status: response.status, body: jsonOf(await response.text()), headers: response.headers }
  }
  const send: Opened['send'] = (key, text = 'New shoes by @nike, and they are great! #ad') =>
    call('POST', '/jobs', jobOf(of, text), key)
  return { of, call, send }
}

const jobOf = ({ kind, model, picture }: Checked, text: string) => ({
  type: kind,
  ...(model === undefined ? {} : { model }),
  input: kind === 'text' ? { text, lang: 'en' } : { media: [{ id: 'm1', kind: 'image', url: picture }] },
})

/** What a body is as that shape. Throws what is wrong, with its place. */
function shaped<Schema extends z.ZodType>(schema: Schema, { body }: Answer, what: string): z.output<Schema> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Error(`${what}: ${issue?.path.join('.') || 'the body'}: ${issue?.message}`)
}

function hold(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Error(otherwise)
}

const takenId = (answer: Answer): string => {
  hold(answer.status >= 200 && answer.status < 300, `POST /jobs answers ${answer.status}`)
  return shaped(Taken, answer, 'the answer to POST /jobs').job_id
}

/** Asks until the job is done. */
async function finished({ of, call }: Opened, id: string): Promise<z.output<typeof Job>> {
  const until = performance.now() + of.waitMs
  for (;;) {
    const answer = await call('GET', `/jobs/${encodeURIComponent(id)}`)
    hold(answer.status === 200, `GET /jobs/{id} answers ${answer.status} for a job it has taken`)
    const job = shaped(Job, answer, 'the answer to GET /jobs/{id}')
    hold(job.job_id === id, `GET /jobs/${id} answers with job_id ${job.job_id}`)
    if (job.status === 'done') return job
    hold(performance.now() < until, `the job was not done within ${of.waitMs / 1_000} seconds (see --wait)`)
    await after(Math.min(500, of.waitMs / 20))
  }
}

const fresh = () => `check-${crypto.randomUUID()}`

export const checks: readonly Check[] = [
  {
    name: 'a job is taken, and done within the time with a result of the contract',
    run: async (opened) => {
      const job = await finished(opened, takenId(await opened.send(fresh())))
      hold(
        job.state !== 'failed' && job.state !== 'canceled',
        `the job ended as ${job.state}: ${JSON.stringify(job['error'])}`,
      )
      const [item] = job.result?.items ?? []
      hold(item !== undefined, 'a job that is done has result.items')
      hold(item?.status === 'ok', `the item has not succeeded: ${JSON.stringify(item)}`)
      hold(
        opened.of.kind !== 'image_text' || item?.texts !== undefined,
        'what was read is result.items[].texts, empty for none',
      )
      return true
    },
  },
  {
    name: 'two jobs have two ids',
    run: async ({ send }) => {
      const [one, other] = [takenId(await send(fresh(), 'one')), takenId(await send(fresh(), 'other'))]
      hold(one !== other, `both are ${one}`)
      return true
    },
  },
  {
    name: 'a job that it does not know is 404',
    run: async ({ call }) => {
      const { status } = await call('GET', '/jobs/no-such-job')
      hold(status === 404, `GET /jobs/no-such-job answers ${status}`)
      return true
    },
  },
  {
    name: 'a job without input is refused with 4xx',
    run: async ({ of, call }) => {
      const { status } = await call('POST', '/jobs', { type: of.kind }, fresh())
      hold(status >= 400 && status < 500, `POST /jobs without input answers ${status}`)
      return true
    },
  },
  {
    name: 'the same key gives the same job',
    without: 'set "idempotent": false: a lost answer is then paid for twice',
    run: async ({ send }) => {
      const key = fresh()
      const first = takenId(await send(key))
      return first === takenId(await send(key))
    },
  },
  {
    name: 'POST /jobs:batchGet answers for many jobs',
    without: 'jobs are asked about one by one',
    run: async ({ call, send }) => {
      const id = takenId(await send(fresh()))
      const answer = await call('POST', '/jobs:batchGet', { ids: [id, 'no-such-job'], view: 'full' })
      if (answer.status === 404 || answer.status === 405) return false
      hold(answer.status === 200, `POST /jobs:batchGet answers ${answer.status}`)
      const { jobs, not_found } = shaped(Batch, answer, 'the answer to POST /jobs:batchGet')
      hold(
        jobs.some(({ job_id }) => job_id === id),
        'the job is missing in jobs',
      )
      hold(not_found.includes('no-such-job'), 'a job that it does not know is missing in not_found')
      return true
    },
  },
  {
    name: 'Retry-After says when to ask about a job',
    without: 'jobs are asked about after a minute, and then ever more rarely',
    run: async ({ send }) => (await send(fresh())).headers.has('retry-after'),
  },
]
