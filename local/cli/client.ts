import * as z from 'zod'
import { UserError } from '../user-error.ts'
import { localState, type Terminal } from './terminal.ts'

/** The HTTP API of the local cloud, or of a deployed one. */
export interface Client {
  /** Asks and reads the answer by a schema. Throws a UserError of one line if the request is refused or no answer comes. */
  ask<Answer>(method: string, path: string, answer: z.ZodType<Answer>, body?: object): Promise<Answer>
  /** Every item of a list, page after page. */
  all<Item>(path: string, item: z.ZodType<Item>): Promise<Item[]>
}

/** A fault that may pass: the same request may succeed later. */
export class Unavailable extends UserError {
  override readonly name = 'Unavailable'
}
const passing = new Set([429, 502, 503, 504])

interface Address {
  readonly url: string
  readonly key: string
}

/** The API that SOCIAL_SYNC_URL and SOCIAL_SYNC_API_KEY name, else that of the local cloud of this folder. */
export const openClient = (terminal: Terminal): Client => clientOf(() => addressOf(terminal))

/** The API at an address; a function is asked for it at each request. */
export function clientOf(given: Address | (() => Address)): Client {
  const ask: Client['ask'] = async (method, path, schema, body) => {
    const { url, key } = typeof given === 'function' ? given() : given
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    }).catch(() => {
      throw new Unavailable(`no answer from ${url}`)
    })
    const json: unknown = await answer.json().catch(() => undefined)
    if (!answer.ok) {
      const text = refusalText(answer.status, json)
      throw passing.has(answer.status) ? new Unavailable(text) : new UserError(text)
    }
    const read = schema.safeParse(json)
    if (!read.success) throw new UserError(`the answer of ${url} is not that of social-sync of this release`)
    return read.data
  }
  return {
    ask,
    all: async (path, item) => {
      const found = []
      const schema = z.object({ items: z.array(item), next: z.string().nullable() })
      for (let after: string | null = ''; after !== null; ) {
        const page: z.infer<typeof schema> = await ask(
          'GET',
          `${path}${after && `${path.includes('?') ? '&' : '?'}after=${after}`}`,
          schema,
        )
        found.push(...page.items)
        after = page.next
      }
      return found
    },
  }
}

function addressOf(terminal: Terminal): Address {
  const { SOCIAL_SYNC_URL: url, SOCIAL_SYNC_API_KEY: key } = terminal.env
  if (url && key) return { url: url.replace(/\/$/, ''), key }
  if (url) throw new UserError('set SOCIAL_SYNC_API_KEY too: SOCIAL_SYNC_URL needs it')
  const state = localState(terminal)
  if (state?.url) return { url: state.url, key: state.api_key }
  throw new UserError(
    'no local cloud runs in this folder: run npm start, or set SOCIAL_SYNC_URL and SOCIAL_SYNC_API_KEY',
  )
}

const Problem = z.object({
  detail: z.string(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).default([]),
})

function refusalText(status: number, json: unknown): string {
  const problem = Problem.safeParse(json).data
  if (!problem) return `answered ${status}`
  return [problem.detail, ...problem.errors.map(({ field, message }) => `${field}: ${message}`)].join('; ')
}
