import { expect, test } from 'vitest'
import { routes } from '#functions/sync/serve.ts'
import { openApi } from '../setup/api.ts'
import { fewAccounts } from '../setup/world.ts'

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly security?: readonly unknown[]
  readonly parameters: readonly { readonly name: string; readonly in: string }[]
  readonly responses: Readonly<Record<string, object>>
}

test('the document names every route but its own and those of ML providers, each once, with what it takes and answers', async () => {
  const { call } = await openApi({ observations: fewAccounts(1) })
  const { status, body } = await call('GET', '/openapi.json', undefined, { 'x-api-key': '' })
  expect(status).toBe(200)
  const { openapi, paths, security } = body as unknown as {
    openapi: string
    security: object[]
    paths: Record<string, Record<string, Operation>>
  }
  expect(openapi).toBe('3.1.0')
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  const known = routes.filter(
    ({ path }) =>
      !['/openapi.json', '/media/{key}', '/v1/ml-callbacks/{provider}'].includes(path) &&
      !/^\/connect\/|\/(callback|deauthorize|deletion)$/.test(path),
  )
  expect(operations.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(
    known.map(({ method, path }) => `${method} ${path}`).sort(),
  )
  expect(security).toEqual([expect.any(Object)])
  const ids = operations.map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  for (const { path, method, operation } of operations) {
    expect(operation.operationId).toMatch(/^[a-z][A-Za-z0-9]+$/)
    expect(operation.summary.length).toBeGreaterThan(10)
    expect(operation.parameters.some((one) => one.name === 'id' && one.in === 'path')).toBe(
      path.includes('{id}'),
    )
    expect(operation.parameters.some(({ name }) => name === 'Idempotency-Key')).toBe(method !== 'GET')
    expect(operation.responses).toHaveProperty('default')
    if (path.startsWith('/v1')) expect(operation.security).toBeUndefined()
  }
  const sync = paths['/v1/syncs']?.['post'] as unknown as { requestBody: object }
  expect(sync.requestBody).toMatchObject({
    content: {
      'application/json': {
        schema: { properties: { platform: { enum: ['youtube', 'instagram', 'tiktok'] } } },
      },
    },
  })
})

test('everything under /v1 wants a key, whatever the route', async () => {
  const { call } = await openApi({ observations: fewAccounts(1) })
  for (const { method, path, scope } of routes) {
    if (scope === 'open') continue
    const body = method === 'POST' || method === 'PATCH' ? {} : undefined
    const answer = await call(method, path.replace('{id}', '1'), body, { 'x-api-key': 'wrong' })
    expect(answer.status, `${method} ${path}`).toBe(401)
  }
})
