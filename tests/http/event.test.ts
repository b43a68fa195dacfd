import { expect, test } from 'vitest'
import { openApi } from '../setup/api.ts'
import { fewAccounts } from '../setup/world.ts'

const key = 'k'.repeat(32)

interface Answer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The sync function called with events as the cloud sends them, without a gateway of ours. */
async function open() {
  const { opened, world } = await openApi({ observations: fewAccounts(1) })
  const call = (event: object) => opened.cloud.triggers.call('sync', event) as Promise<Answer>
  return { call, world }
}

/** A call of the function by its own address (Cloud Functions, HTTP calls). */
const direct = (over: object) => ({
  httpMethod: 'GET',
  headers: { 'X-Api-Key': key, Accept: '*/*' },
  path: '',
  multiValueHeaders: { 'X-Api-Key': [key], Accept: ['*/*'] },
  queryStringParameters: {},
  multiValueQueryStringParameters: {},
  requestContext: {
    identity: { sourceIp: '88.99.0.24', userAgent: 'curl/7.58.0' },
    httpMethod: 'GET',
    requestId: 'r',
  },
  body: '',
  isBase64Encoded: true,
  ...over,
})

/** API Gateway, format 1.0 (API Gateway, functions). */
const gateway = (over: object) => ({
  version: '1.0',
  resource: '/v1/syncs/{id}',
  path: '/v1/syncs/1',
  httpMethod: 'GET',
  headers: { 'x-api-key': key },
  multiValueHeaders: { 'x-api-key': [key] },
  queryStringParameters: {},
  multiValueQueryStringParameters: {},
  requestContext: { httpMethod: 'GET', requestId: 'r' },
  pathParameters: { id: '1' },
  parameters: {},
  multiValueParameters: {},
  operationId: 'getV1SyncsId',
  body: '',
  isBase64Encoded: false,
  ...over,
})

test.for([
  { shape: 'a direct call', event: direct },
  { shape: 'API Gateway 1.0', event: gateway },
])('a sync is started and looked at by $shape, its body plain or in base64', async ({ event }) => {
  const { call, world } = await open()
  const text = JSON.stringify({ platform: 'youtube', handle: world.world.accounts('youtube')[0] })
  for (const isBase64Encoded of [false, true]) {
    const body = isBase64Encoded ? Buffer.from(text).toString('base64') : text
    const post = event({ httpMethod: 'POST', path: '/v1/syncs', pathParameters: {}, body, isBase64Encoded })
    expect(await call(post)).toMatchObject({ statusCode: 202 })
  }
  const look = await call(event({ path: '/v1/syncs/1' }))
  expect(look).toMatchObject({ statusCode: 200, headers: { 'content-type': 'application/json' } })
  expect(JSON.parse(look.body)).toMatchObject({ id: '1', origin: 'http' })
})

test('a body that is too large is refused before it is read, plain or in base64', async () => {
  const { call } = await open()
  const text = JSON.stringify({ platform: 'youtube', handle: 'x'.repeat(1_200_000) })
  const post = { httpMethod: 'POST', path: '/v1/syncs', pathParameters: {} }
  expect(await call(gateway({ ...post, body: text }))).toMatchObject({ statusCode: 413 })
  const packed = Buffer.from(text).toString('base64')
  expect(await call(direct({ ...post, body: packed }))).toMatchObject({ statusCode: 413 })
})

test('what no database can hold is named with its place, and a body nested without end is a 400', async () => {
  const { call } = await open()
  const post = { httpMethod: 'POST', path: '/v1/syncs', pathParameters: {} }
  const refused = await call(
    gateway({ ...post, body: '{"accounts": [{"handle": "a"}, {"handle": "b\\u0000"}]}' }),
  )
  expect(refused.statusCode).toBe(400)
  expect(JSON.parse(refused.body).errors).toEqual([
    { field: 'accounts.1.handle', message: 'contains U+0000 or half of a surrogate pair' },
  ])
  const deep = await call(gateway({ ...post, body: `${'['.repeat(40_000)}${']'.repeat(40_000)}` }))
  expect(deep).toMatchObject({ statusCode: 400 })
})

test('a direct call without a path is not found, but for the console', async () => {
  const { call } = await open()
  const nothing = await call(direct({ httpMethod: 'POST', body: '' }))
  expect(nothing).toMatchObject({
    statusCode: 404,
    headers: { 'content-type': 'application/problem+json' },
  })
})

test('an event that is no HTTP request is answered as a fault of ours, without internals', async () => {
  const { call } = await open()
  const answer = await call({ messages: [] })
  expect(answer.statusCode).toBe(500)
  expect(JSON.parse(answer.body)).toEqual({
    type: 'urn:social-sync:problem:internal',
    title: 'internal',
    status: 500,
    detail: 'something went wrong on our side',
  })
})
