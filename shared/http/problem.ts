/** A refusal to an HTTP caller, as problem+json (RFC 9457). */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: number
  readonly code: string
  readonly fields: readonly { readonly field: string; readonly message: string }[]

  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    code: string,
    message: string,
    fields: Problem['fields'] = [],
    headers: Problem['headers'] = {},
  ) {
    super(message)
    this.status = status
    this.code = code
    this.fields = fields
    this.headers = headers
  }
}

export interface HttpResponse {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly isBase64Encoded?: boolean
}

/** The answer to anything thrown; what is no Problem shows the caller nothing of the inside. */
export function problemResponse(error: unknown): HttpResponse {
  const problem =
    error instanceof Problem ? error : new Problem(500, 'internal', 'something went wrong on our side')
  const { status, code, message, fields, headers } = problem
  const body = {
    type: 'about:blank',
    title: code,
    status,
    detail: message,
    ...(fields.length > 0 ? { errors: fields } : {}),
  }
  return respond(status, body, { ...headers, 'content-type': 'application/problem+json' })
}

export function respond(
  statusCode: number,
  body: object,
  headers: Record<string, string> = {},
): HttpResponse {
  return {
    statusCode,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
    body: JSON.stringify(body),
  }
}
