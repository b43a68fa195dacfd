import { randomUUID } from 'node:crypto'

export interface HttpCall {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
  readonly sourceIp?: string
}

/** A request as API Gateway hands it to a function, format 1.0. A body that is no JSON comes encoded. */
export function httpEvent(call: HttpCall): object {
  const all = Object.entries(call.headers).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, [value].flat()] as const],
  )
  const isJson = /^application\/(.+\+)?json\b/.test(String(call.headers['content-type'] ?? ''))
  const encoded = call.body !== '' && !isJson
  const queries = [...new Set(call.query.keys())].map((key) => [key, call.query.getAll(key)] as const)
  return {
    version: '1.0',
    resource: call.path,
    path: call.path,
    httpMethod: call.method,
    headers: Object.fromEntries(all.map(([key, values]) => [key, values.at(-1)])),
    multiValueHeaders: Object.fromEntries(all),
    queryStringParameters: Object.fromEntries(queries.map(([key, values]) => [key, values.at(-1)])),
    multiValueQueryStringParameters: Object.fromEntries(queries),
    requestContext: {
      httpMethod: call.method,
      requestId: randomUUID(),
      identity: { sourceIp: call.sourceIp ?? '127.0.0.1' },
    },
    pathParameters: {},
    body: encoded ? Buffer.from(call.body).toString('base64') : call.body,
    isBase64Encoded: encoded,
  }
}
