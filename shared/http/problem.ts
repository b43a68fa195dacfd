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
  const { status, headers } = problem
  return respond(status, problemBody(problem), { ...headers, 'content-type': 'application/problem+json' })
}

/** Its members as problem+json; `type` names the kind of problem, and stays the same from release to release. */
export const problemBody = ({ status, code, message, fields }: Problem) => ({
  type: `urn:social-sync:problem:${code}`,
  title: code,
  status,
  detail: message,
  ...(fields.length > 0 ? { errors: [...fields] } : {}),
})

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
