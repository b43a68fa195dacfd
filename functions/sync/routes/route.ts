import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { Scope } from '#shared/db/tables/api-keys.ts'
import { beginRequest, endRequest, forgetRequest } from '#shared/db/tables/idempotent-requests.ts'
import { bodyText, type HttpEvent, header, readBody } from '#shared/http/http-event.ts'
import { type HttpResponse, Problem, respond } from '#shared/http/problem.ts'
import { type Language, languageAccepted } from '#shared/language/accepted.ts'
import type { Caller } from '../caller.ts'
import type { ApiDeps } from '../deps.ts'
import { finishedIn, forgetRecent, recently } from '../recent.ts'
import { csvOf, itemOf } from './as-csv.ts'
import { nextAddress, readQuery } from './query.ts'

/** What a route is served with beside what was asked. */
export interface CallContext extends ApiDeps {
  /** Aborts when there is time left for the answer alone. */
  readonly signal: AbortSignal
  readonly caller: Caller
}

/** One request, read by the schemas of its route. */
interface RouteCall<Query, Body> extends CallContext {
  /** The number in the path; empty where the path has none. */
  readonly id: string
  readonly query: Query
  readonly body: Body
  readonly idempotencyKey: string | undefined
  /** Where this API is reached, without a slash at the end. */
  readonly origin: string
  /** In which sentences for people are said. */
  readonly language: Language
}

interface Spec<Query, Body, Answer> {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** With `{id}` where a number is wanted. */
  readonly path: string
  /** One line for people. */
  readonly summary: string
  /** What a key must reach for it. `open`: no key is needed. */
  readonly scope: Scope | 'open'
  /** Whether the answer to what changes something is kept for repetitions under its Idempotency-Key; true when absent. */
  readonly isKept?: boolean
  /** Where short-lived state lies outside of the database: for how many seconds the answer to a GET is given again. */
  readonly cachedS?: number
  /**
   * Whether a key that is bound to clients may ask: it is served what is theirs alone, as `caller.reach` says. Absent: what the route
   * is about concerns all clients, and such a key is refused.
   */
  readonly isForClients?: boolean
  readonly query?: z.ZodType<Query>
  readonly body?: z.ZodType<Body>
  /** Whether the schema of the body refuses text that no database holds. */
  readonly checksText?: boolean
  readonly status: number
  readonly answer: z.ZodType<unknown, Answer>
  readonly serve: (call: RouteCall<Query, Body>) => Promise<Answer>
  /** Where the thing that was made can be looked at. */
  readonly location?: (answer: Answer) => string
}

/** A route as it is dispatched to and described. */
export interface Route
  extends Pick<
    Spec<never, never, never>,
    'method' | 'path' | 'summary' | 'scope' | 'status' | 'isForClients'
  > {
  readonly schemas: { readonly query?: z.ZodType; readonly body?: z.ZodType; readonly answer: z.ZodType }
  readonly handle: (event: HttpEvent, context: CallContext) => Promise<HttpResponse>
}

const IdempotencyKey = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[\x21-\x7e]+$/, 'visible ASCII characters')

/** Binds a route to its schemas: what does not fit them is a Problem 400 that names the fields. */
export function route<Query = undefined, Body = undefined, Answer = unknown>(
  spec: Spec<Query, Body, Answer>,
): Route {
  const { method, path, summary, status, serve, location, scope, isKept = true, cachedS } = spec
  const { isForClients = false, checksText } = spec
  const item = method === 'GET' ? itemOf(spec.answer) : undefined
  const answered = (event: HttpEvent, call: RouteCall<Query, Body>, work: () => Promise<Answer>) => {
    if (call.idempotencyKey !== undefined && isKept)
      return once(event, `${method} ${path}`, call, call.idempotencyKey, work)
    return cachedS === undefined ? work() : recently(event, call, cachedS, work)
  }
  return {
    ...{ method, path, summary, status, scope, isForClients },
    schemas: {
      answer: spec.answer,
      ...(spec.query ? { query: spec.query } : {}),
      ...(spec.body ? { body: spec.body } : {}),
    },
    handle: async (event, context) => {
      const idempotencyKey = method === 'GET' ? undefined : readKey(event)
      const { query, isCsv } = readQuery(spec.query, event, item !== undefined)
      const call: RouteCall<Query, Body> = {
        ...context,
        id: path.includes('{id}') ? readId(event) : '',
        query: query as Query,
        body: (spec.body ? readBody(spec.body, bodyText(event), checksText) : undefined) as Body,
        idempotencyKey,
        origin: originOf(event, context),
        language: languageAccepted(header(event, 'accept-language')),
      }
      const answer = await answered(event, call, () => serve(call)).finally(
        method === 'GET' ? undefined : () => forgetRecent(context),
      )
      if (item && isCsv) return csvOf(item, answer as object, nextAddress(event, answer as object))
      return respond(status, answer as object, location ? { location: location(answer) } : {})
    },
  }
}

/** Where this API is reached: as it is set, or as the caller has it. */
export function originOf(event: HttpEvent, { settings }: Pick<ApiDeps, 'settings'>): string {
  if (settings.publicUrl) return settings.publicUrl.replace(/\/$/, '')
  const host = header(event, 'host') ?? 'localhost'
  return `${/^(?:localhost|127\.0\.0\.1)(?::|$)/.test(host) ? 'http' : 'https'}://${host}`
}

/** Carries a request out once under its key; a repetition gets the same answer. */
async function once<Answer>(
  event: HttpEvent,
  route: string,
  { db, caller, state }: CallContext,
  key: string,
  serve: () => Promise<Answer>,
): Promise<Answer> {
  const request_hash = createHash('sha256')
    .update(`${event.path}\n${JSON.stringify(event.queryStringParameters ?? {})}\n${bodyText(event)}`)
    .digest('hex')
  // A name may be given to another key, once this one is revoked.
  const actor = caller.keyId === null ? caller.name : `${caller.name} ${caller.keyId}`
  const request = { actor, key, route, request_hash }
  const finished = finishedIn(state)
  const begun = (await finished.find(request)) ?? (await beginRequest(db, request))
  if (begun.state === 'done') {
    await finished.keep(request, begun.answer)
    return begun.answer as Answer
  }
  if (begun.state === 'other')
    throw new Problem(409, 'idempotency_key_reused', 'this Idempotency-Key was used for another request')
  if (begun.state === 'running')
    throw new Problem(409, 'in_progress', 'this request is being carried out at this moment')
  try {
    const answer = await serve()
    await endRequest(db, request, answer)
    await finished.keep(request, answer)
    return answer
  } catch (error) {
    if (error instanceof Problem) await forgetRequest(db, request)
    throw error
  }
}

/** The id in the path. Throws a Problem 404 when it is not a number. */
function readId(event: HttpEvent): string {
  const id = event.pathParameters?.['id'] ?? ''
  if (!/^\d{1,18}$/.test(id)) throw notFound()
  return id
}

export const notFound = (what = 'such a thing') => new Problem(404, 'not_found', `there is no ${what}`)

function readKey(event: HttpEvent): string | undefined {
  const key = IdempotencyKey.optional().safeParse(header(event, 'idempotency-key'))
  if (key.success) return key.data
  throw new Problem(400, 'invalid_header', 'Idempotency-Key is not usable', [
    { field: 'Idempotency-Key', message: '1 to 255 visible ASCII characters' },
  ])
}
