import * as z from 'zod'
import { itemOf } from './routes/as-csv.ts'
import type { Route } from './routes/route.ts'

const problem = {
  type: 'object',
  properties: {
    type: { type: 'string' },
    title: { type: 'string', description: 'a short code' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: { field: { type: 'string' }, message: { type: 'string' } },
        required: ['field', 'message'],
      },
    },
  },
  required: ['type', 'title', 'status', 'detail'],
} as const

type Json = Readonly<Record<string, unknown>>

/** 3.0 is what the cloud's API Gateway reads (API Gateway, functions). */
export type Version = '3.1.0' | '3.0.3'

const description =
  'Sentences for people (`waits_for`, `problems`, `because`) come in English or Russian, as `Accept-Language` asks.'

/** The API as an OpenAPI document, from the schemas that requests are read by. */
export function openapi(routes: readonly Route[], version: Version = '3.1.0'): Json {
  const license = { name: 'Apache-2.0', ...(version === '3.1.0' ? { identifier: 'Apache-2.0' } : {}) }
  const paths = Map.groupBy(routes, ({ path }) => path)
  return {
    openapi: version,
    info: { title: 'social-sync', version: '1', license, description },
    servers: [{ url: '/' }],
    security: [{ key: [] }],
    paths: Object.fromEntries(
      [...paths].map(([path, ofPath]) => [
        path,
        Object.fromEntries(ofPath.map((one) => [one.method.toLowerCase(), operation(one, version)])),
      ]),
    ),
    components: {
      schemas: { Problem: problem },
      securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' } },
    },
  }
}

/** Every list. */
const asCsv = {
  name: 'format',
  in: 'query',
  description: 'csv: a column for each field; the header `link` leads to the next page',
  schema: { type: 'string', enum: ['json', 'csv'], default: 'json' },
}

function operation({ method, path, summary, status, scope, schemas }: Route, version: Version): Json {
  const isList = method === 'GET' && itemOf(schemas.answer) !== undefined
  return {
    operationId: `${method.toLowerCase()}${path
      .replace(':', '/custom/')
      .replaceAll(/[^A-Za-z]+(\w)/g, (_all, letter: string) => letter.toUpperCase())
      .replaceAll(/\W/g, '')}`,
    summary,
    ...(scope === 'open' ? { security: [] } : { description: `Takes a key with the scope \`${scope}\`.` }),
    parameters: [
      ...parametersOf(path, method),
      ...queryOf(schemas.query, version),
      ...(isList ? [asCsv] : []),
    ],
    ...(schemas.body
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: jsonOf(schemas.body, 'input', version) } },
          },
        }
      : {}),
    responses: {
      [status]: {
        description: 'done',
        content: {
          'application/json': { schema: jsonOf(schemas.answer, 'output', version) },
          ...(isList ? { 'text/csv': { schema: { type: 'string' } } } : {}),
        },
      },
      ...refusalsOf({ method, path, scope, schemas }),
      default: refusal('a refusal of another kind'),
    },
  }
}

const refusal = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
})

/** Whether the query is about one account, and no filter of a list. */
const namesAccount = (query: z.ZodType | undefined) =>
  query instanceof z.ZodObject && 'account_id' in query.shape && !('limit' in query.shape)

/** How a caller may be refused here; what else goes wrong is `default`. */
function refusalsOf({
  method,
  path,
  scope,
  schemas,
}: Pick<Route, 'method' | 'path' | 'scope' | 'schemas'>): Json {
  const refusals = {
    400: 'what was sent does not fit; each field or parameter at fault is named',
    401: scope === 'open' ? null : 'no key, or one that is not known',
    403: scope === 'open' ? null : `the key lacks the scope ${scope}`,
    404:
      path.includes('{id}') || (method === 'POST' && schemas.body) || namesAccount(schemas.query)
        ? 'what the path, the body or the query names is not on record, or out of the reach of the key'
        : null,
    409:
      method !== 'GET'
        ? 'the Idempotency-Key was used for another request, or this is not to be done now'
        : null,
    422:
      method === 'POST' && schemas.body
        ? 'it fits, and cannot be done: an account that our access cannot serve'
        : null,
    429: scope === 'open' ? null : 'too many calls in this minute: come again after Retry-After seconds',
    503: scope === 'open' ? 'the database cannot be asked' : null,
  }
  return Object.fromEntries(
    Object.entries(refusals).flatMap(([status, why]) => (why === null ? [] : [[status, refusal(why)]])),
  )
}

const parametersOf = (path: string, method: Route['method']): Json[] => [
  ...(path.includes('{id}')
    ? [{ name: 'id', in: 'path', required: true, schema: { type: 'string', pattern: '^\\d{1,18}$' } }]
    : []),
  ...(method !== 'GET'
    ? [{ name: 'Idempotency-Key', in: 'header', schema: { type: 'string', minLength: 1, maxLength: 255 } }]
    : []),
]

function queryOf(schema: z.ZodType | undefined, version: Version): Json[] {
  const { properties = {}, required = [] } = schema
    ? (jsonOf(schema, 'input', version) as { properties?: Json; required?: readonly string[] })
    : {}
  return Object.entries(properties).map(([name, one]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: one,
  }))
}

/** A schema as JSON Schema; times travel as text. */
function jsonOf(schema: z.ZodType, io: 'input' | 'output', version: Version): Json {
  const { $schema, ...json } = z.toJSONSchema(schema, {
    io,
    target: version === '3.1.0' ? 'draft-2020-12' : 'openapi-3.0',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === 'date')
        Object.assign(jsonSchema, { type: 'string', format: 'date-time' })
    },
  })
  return json
}
