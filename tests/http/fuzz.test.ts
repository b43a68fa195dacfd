import * as fc from 'fast-check'
import { expect, inject, test } from 'vitest'
import { verify } from '#shared/db/views/verify.ts'
import { openApi } from '../setup/api.ts'
import { type JsonSchema, nearly } from '../setup/from-schema.ts'
import { fewAccounts } from '../setup/world.ts'

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly schema: JsonSchema
}
interface Operation {
  readonly parameters: readonly Parameter[]
  readonly requestBody?: {
    readonly content: { readonly 'application/json': { readonly schema: JsonSchema } }
  }
  readonly responses: Readonly<Record<string, unknown>>
}
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>

const runsEach = inject('isFull') ? 30 : 15

/** A request of an operation, more or less as its document says. */
function requests(path: string, { parameters, requestBody }: Operation) {
  const id = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 9 }).map(String) },
    // An address cannot hold these two: a client reads them as steps to another one.
    fc.string({ minLength: 1 }).filter((text) => text !== '.' && text !== '..'),
  )
  const query = fc.record(
    Object.fromEntries(
      parameters.filter((one) => one.in === 'query').map((one) => [one.name, nearly(one.schema)]),
    ),
    { requiredKeys: [] },
  )
  const body = requestBody ? nearly(requestBody.content['application/json'].schema) : fc.constant(undefined)
  const key = fc.option(fc.string({ minLength: 1, maxLength: 20 }), { nil: undefined })
  return fc.record({ id, query, body, key }).map((one) => {
    const given = Object.entries(one.query).map(([name, value]): [string, string] => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ])
    const filled = path.replace('{id}', encodeURIComponent(one.id.toWellFormed()))
    const asked = new URLSearchParams(
      given.map(([name, value]): [string, string] => [name, value.toWellFormed()]),
    )
    const headers = one.key && /^[\x20-\x7e]+$/.test(one.key) ? { 'idempotency-key': one.key } : {}
    return { path: `${filled}?${asked}`, body: one.body, headers: headers as Record<string, string> }
  })
}

test('whatever is asked by the document, the answer is one that it names, and the ledger stays whole', async () => {
  const { world, opened, call } = await openApi({
    observations: fewAccounts(2),
    env: { API_CALLS_PER_MINUTE: '1000000' },
  })
  await opened.runOnce()
  const { paths } = (await call('GET', '/openapi.json')).body as unknown as { paths: Paths }
  const seen = new Map<number, number>()
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      await fc.assert(
        fc.asyncProperty(requests(path, operation), async (request) => {
          // Good answers are held to their schema by `call`.
          const { status, headers, body } = await call(
            method.toUpperCase(),
            request.path,
            request.body,
            request.headers,
          )
          seen.set(status, (seen.get(status) ?? 0) + 1)
          const place = `${method} ${request.path} ${JSON.stringify(request.body)}`
          expect(operation.responses, `${status} of ${place}`).toHaveProperty([String(status)])
          expect(headers.get('x-content-type-options')).toBe('nosniff')
          if (status < 400) return
          expect(headers.get('content-type'), place).toBe('application/problem+json')
          expect(body, place).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) })
        }),
        { numRuns: runsEach },
      )
    }
  }
  // It is no fuzz where everything is refused.
  for (const status of [200, 400, 404]) expect(seen.get(status) ?? 0, `${status}`).toBeGreaterThan(5)
  // A body made at random seldom is one that makes something.
  expect(seen.get(201) ?? 0).toBeGreaterThan(0)
  await opened.followThrough()
  expect(await verify(world.db)).toEqual([])
})
