import type { SimAnswer } from '../server.ts'

/** An error envelope of the Data API (YouTube errors). */
export function refuse(code: number, reason: string, message: string, location?: string): SimAnswer {
  const entry = {
    message,
    domain: 'youtube.parameter',
    reason,
    ...(location ? { location, locationType: 'parameter' } : {}),
  }
  return { status: code, body: { error: { code, message, errors: [entry] } } }
}

export const badKey: SimAnswer = {
  status: 400,
  body: {
    error: {
      code: 400,
      message: 'API key not valid. Please pass a valid API key.',
      errors: [{ message: 'API key not valid.', domain: 'global', reason: 'badRequest' }],
      status: 'INVALID_ARGUMENT',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: 'API_KEY_INVALID',
          domain: 'googleapis.com',
        },
      ],
    },
  },
}
