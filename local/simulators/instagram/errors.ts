import { createHash } from 'node:crypto'
import type { SimAnswer } from '../server.ts'

interface Details {
  readonly subcode?: number
  readonly status?: number
  readonly type?: string
  readonly isTransient?: boolean
  readonly headers?: Record<string, string>
}

/** An error of the Graph API (Graph API errors). */
export function refuse(code: number, message: string, details: Details = {}): SimAnswer {
  const { subcode, status = 400, type = 'OAuthException', isTransient = false, headers = {} } = details
  const error = {
    message,
    type,
    code,
    ...(subcode === undefined ? {} : { error_subcode: subcode }),
    is_transient: isTransient,
    fbtrace_id: createHash('sha1').update(message).digest('base64url').slice(0, 23),
  }
  return { status, body: { error }, headers }
}

export const badToken = refuse(190, 'Error validating access token: Session has expired', {
  subcode: 463,
  status: 401,
})
export const noSuchUser = refuse(110, 'Invalid user id', { subcode: 2207013 })
export const badCursor = refuse(100, '(#100) Invalid cursors values')
export const unknownField = (name: string) =>
  refuse(100, `(#100) Tried accessing nonexisting field (${name})`)
export const unknownObject = refuse(
  100,
  'Unsupported get request. Object does not exist, cannot be loaded due to missing permissions, or does not support this operation',
  { subcode: 33, type: 'GraphMethodException' },
)
export const badRequest = (message: string) => refuse(100, `(#100) ${message}`)
export const appThrottled = (headers: Record<string, string>) =>
  refuse(4, '(#4) Application request limit reached', { status: 403, isTransient: true, headers })
export const accountThrottled = (headers: Record<string, string>) =>
  refuse(80002, 'There have been too many calls to this Instagram account.', { headers })
