import * as z from 'zod'
import { Problem } from './problem.ts'

/**
 * The parts of an HTTP event that are used: a direct call, or API Gateway format 1.0 (Cloud Functions, HTTP calls; API Gateway,
 * functions).
 */
export const HttpEvent = z.looseObject({
  httpMethod: z.string(),
  // Of a direct call it is empty.
  path: z
    .string()
    .default('/')
    .transform((path) => path || '/'),
  headers: z.record(z.string(), z.string()).default({}),
  pathParameters: z.record(z.string(), z.string()).nullish(),
  queryStringParameters: z.record(z.string(), z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().default(false),
})
export type HttpEvent = z.infer<typeof HttpEvent>

const mostBytes = 1_000_000

/** A header by its name in lower case; gateways keep the caller's spelling. */
export function header(event: HttpEvent, name: string): string | undefined {
  return Object.entries(event.headers).find(([key]) => key.toLowerCase() === name)?.[1]
}

/** The body as text, decoded when the gateway encoded it. Throws a Problem when it is too large. */
export function bodyText(event: HttpEvent): string {
  const text = event.isBase64Encoded
    ? Buffer.from(event.body ?? '', 'base64').toString('utf8')
    : (event.body ?? '')
  if (Buffer.byteLength(text) > mostBytes)
    throw new Problem(413, 'too_large', `a body has at most ${mostBytes} bytes`)
  return text
}

/** Whether a database can hold it: no U+0000, no half of a pair. */
export const isText = (text: string): boolean => !text.includes('\u0000') && text.isWellFormed()
export const notText = 'contains U+0000 or half of a surrogate pair'

/** JSON with the places that no database could hold. Throws a Problem, also for one that is nested without end. */
function readJson(text: string): { value: unknown; unfit: Problem['fields'] } {
  try {
    const value: unknown = JSON.parse(text)
    return { value, unfit: [...placesOfNoText(value)].map((field) => ({ field, message: notText })) }
  } catch {
    throw new Problem(400, 'invalid_body', 'the body is not JSON that can be read')
  }
}

function* placesOfNoText(value: unknown, place = ''): Generator<string> {
  if (typeof value === 'string' && !isText(value)) yield place || 'body'
  if (typeof value !== 'object' || value === null) return
  for (const [name, one] of Object.entries(value))
    yield* placesOfNoText(one, place ? `${place}.${name}` : name)
}

/**
 * The body read by a schema. Throws a Problem that names every field at fault, also for text that no database holds, unless the
 * schema checks that itself.
 */
export function readBody<T>(schema: z.ZodType<T>, text: string, checksText = false): T {
  const { value, unfit } = readJson(text)
  if (unfit.length > 0 && !checksText)
    throw new Problem(400, 'invalid_body', 'the body does not fit its schema', unfit)
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const fields = parsed.error.issues.map(({ path, message }) => ({
    field: path.join('.') || 'body',
    message,
  }))
  throw new Problem(400, 'invalid_body', 'the body does not fit its schema', fields)
}
