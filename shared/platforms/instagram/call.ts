import { createHmac } from 'node:crypto'
import type * as z from 'zod'
import { AskAgain, RetryableError, TerminalError } from '../../errors.ts'
import { type Fetch, type HttpAnswer, parseJson, request } from '../../http/request.ts'
import { cleanJson } from '../text/clean.ts'
import { FieldWithdrawn, refusalIn, type TokenOf, TooMuchData, verdictOf } from './errors.ts'
import type { FieldList } from './fields.ts'
import { scrub } from './scrub.ts'

export interface InstagramOptions {
  readonly fetch: Fetch
  /** https://graph.facebook.com, https://graph.instagram.com, or a simulator. */
  readonly baseUrl: string
  /** For example v25.0. */
  readonly version: string
  /** Signs calls where the app demands proof that they come from its own servers. */
  readonly appSecret?: string | undefined
  /** Called once for each field that the platform no longer serves: its column becomes NULL, the rest goes on. */
  readonly onWithdrawn: (field: string) => void
}

interface Call {
  readonly path: string
  readonly params: Readonly<Record<string, string>>
  readonly token: string | null
  readonly tokenOf: TokenOf
  readonly signal: AbortSignal
}

/**
 * One call to the Graph API; throws the verdict on an error, also on one that comes with HTTP 200. The token goes in a
 * header and is scrubbed from the answer, whose links to the next page carry it.
 */
export async function call(options: InstagramOptions, fields: FieldList, it: Call): Promise<HttpAnswer> {
  const { fetch, baseUrl, version, appSecret } = options
  const token = it.token ?? ''
  const { pageSize } = fields
  const proof = appSecret
    ? { appsecret_proof: createHmac('sha256', appSecret).update(token).digest('hex') }
    : {}
  const query = new URLSearchParams({ ...it.params, ...proof })
  const answer = await request(fetch, `${baseUrl}/${version}/${it.path}?${query}`, {
    headers: { authorization: `Bearer ${token}` },
    signal: it.signal,
  })
  const text = scrub(answer.text, token)
  if (answer.status === 200 && !refusalIn(text)) return { ...answer, text }
  const verdict = verdictOf(answer.status, answer.headers, text, it.tokenOf)
  throw inOtherForm(options, fields, pageSize, verdict)
}

/** A field that is gone, or a page too heavy, is asked for again without it or smaller. */
function inOtherForm(
  { onWithdrawn }: InstagramOptions,
  fields: FieldList,
  pageSize: number,
  error: Error,
): Error {
  if (error instanceof FieldWithdrawn) {
    const givenUp = fields.giveUp(error.field)
    if (givenUp === 'essential') return new TerminalError(error.message, { reason: 'bug', cause: error })
    if (givenUp === 'new') onWithdrawn(error.field)
    return new AskAgain(error.message, { cause: error })
  }
  if (error instanceof TooMuchData && fields.halve(pageSize))
    return new AskAgain(error.message, { cause: error })
  return error
}

/** A good answer by its schema; another shape is the platform in trouble, to be asked again. */
export function shaped<T>(schema: z.ZodType<T>, answer: HttpAnswer): T {
  const parsed = schema.safeParse(cleanJson(parseJson(answer.text)))
  if (parsed.success) return parsed.data
  throw broken()
}

export const broken = () =>
  new RetryableError('Instagram sent an answer of unknown shape', { reason: 'broken_answer' })

/** The subject of a call that carries one. */
export function one<Subject>(subject: Subject | undefined): Subject {
  if (subject === undefined) throw new Error('a lookup without an account')
  return subject
}
