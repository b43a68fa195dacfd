import { join } from 'node:path'
import * as z from 'zod'
import { readState } from '../state.ts'
import { UserError } from '../user-error.ts'

/** The HTTP API of the local cloud, or of a deployed one. */
export interface Client {
  /** Asks and reads the answer by a schema. Throws a UserError in one line when it is refused or nobody answers. */
  ask<Answer>(method: string, path: string, answer: z.ZodType<Answer>, body?: object): Promise<Answer>
  /** Every item of a list, page after page. */
  all<Item>(path: string, item: z.ZodType<Item>): Promise<Item[]>
}

/** Nothing is decided: asked again a while later it may well be answered. */
export class Unavailable extends UserError {
  override readonly name = 'Unavailable'
}
const passing = new Set([429, 502, 503, 504])

interface Address {
  readonly url: string
  readonly key: string
}

/** By SOCIAL_SYNC_URL and SOCIAL_SYNC_API_KEY, else that of the local cloud that runs in this folder. */
export const openClient = (): Client => clientOf(addressOf)

/** The API at an address; one that has to be found out is looked for when it is needed. */
export function clientOf(given: Address | (() => Address)): Client {
  const ask: Client['ask'] = async (method, path, schema, body) => {
    const { url, key } = typeof given === 'function' ? given() : given
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    }).catch(() => {
      throw new Unavailable(`nobody answers at ${url}`)
    })
    const json: unknown = await answer.json().catch(() => undefined)
    if (!answer.ok) {
      const text = refusalText(answer.status, json)
      throw passing.has(answer.status) ? new Unavailable(text) : new UserError(text)
    }
    const read = schema.safeParse(json)
    if (!read.success)
      throw new UserError(`what answers at ${url} does not speak as social-sync of this release does`)
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

function addressOf(): Address {
  const { SOCIAL_SYNC_URL: url, SOCIAL_SYNC_API_KEY: key } = process.env
  if (url && key) return { url: url.replace(/\/$/, ''), key }
  if (url) throw new UserError('SOCIAL_SYNC_URL wants SOCIAL_SYNC_API_KEY beside it')
  const state = readState(join(process.cwd(), '.local'))
  if (state?.url) return { url: state.url, key: state.api_key }
  throw new UserError('no local cloud runs here: npm start, or set SOCIAL_SYNC_URL and SOCIAL_SYNC_API_KEY')
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
