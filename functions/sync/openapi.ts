import * as z from 'zod'
import type { Route } from './route.ts'

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

/** The API as an OpenAPI 3.1 document, from the schemas that requests are read by. */
export function openapi(routes: readonly Route[]): Json {
  const paths = Map.groupBy(routes, ({ path }) => path)
  return {
    openapi: '3.1.0',
    info: { title: 'social-sync', version: '1', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    security: [{ key: [] }],
    paths: Object.fromEntries(
      [...paths].map(([path, ofPath]) => [
        path,
        Object.fromEntries(ofPath.map((one) => [one.method.toLowerCase(), operation(one)])),
      ]),
    ),
    components: {
      schemas: { Problem: problem },
      securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' } },
    },
  }
}

function operation({ method, path, summary, status, scope, schemas }: Route): Json {
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/[^A-Za-z]+(\w)/g, (_all, letter: string) => letter.toUpperCase()).replaceAll(/\W/g, '')}`,
    summary,
    ...(scope === 'open' ? { security: [] } : { description: `Takes a key with the scope \`${scope}\`.` }),
    parameters: [...parametersOf(path, method), ...queryOf(schemas.query)],
    ...(schemas.body
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: jsonOf(schemas.body, 'input') } },
          },
        }
      : {}),
    responses: {
      [status]: {
        description: 'done',
        content: { 'application/json': { schema: jsonOf(schemas.answer, 'output') } },
      },
      default: {
        description: 'a refusal, with the field named where one is at fault',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

const parametersOf = (path: string, method: Route['method']): Json[] => [
  ...(path.includes('{id}')
    ? [{ name: 'id', in: 'path', required: true, schema: { type: 'string', pattern: '^\\d{1,18}$' } }]
    : []),
  ...(method === 'POST'
    ? [{ name: 'Idempotency-Key', in: 'header', schema: { type: 'string', minLength: 1, maxLength: 255 } }]
    : []),
]

function queryOf(schema: z.ZodType | undefined): Json[] {
  const { properties = {}, required = [] } = schema
    ? (jsonOf(schema, 'input') as { properties?: Json; required?: readonly string[] })
    : {}
  return Object.entries(properties).map(([name, one]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: one,
  }))
}

/** A schema as JSON Schema; times travel as text. */
function jsonOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema, ...json } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === 'date')
        Object.assign(jsonSchema, { type: 'string', format: 'date-time' })
    },
  })
  return json
}
