import * as z from 'zod'
import { askSoon } from '#shared/db/tables/ml-jobs/answered.ts'
import { clock } from '#shared/db/views/clock.ts'
import { bodyText, header, readBody } from '#shared/http/http-event.ts'
import { Problem, respond } from '#shared/http/problem.ts'
import { isSigned } from '#shared/ml/callback.ts'
import type { Route } from './route.ts'

const Callback = z.looseObject({ job_id: z.string().min(1).max(500) })

/**
 * An ML provider says that something has become of a job. That is a hint: poll asks about the job with its next tick. A hint may be
 * lost, doubled, early or wrong without harm, and the body carries no result.
 */
export const callbackRoute: Route = {
  method: 'POST',
  path: '/v1/ml-callbacks/{provider}',
  summary: 'An ML provider says that a job has come to its end; signed, see docs/ml-provider.md',
  scope: 'open',
  status: 202,
  schemas: { body: Callback, answer: z.object({}) },
  handle: async (event, { db, settings }) => {
    const provider = event.pathParameters?.['provider'] ?? ''
    const { callbackKeys } = settings
    const key = Object.hasOwn(callbackKeys, provider) ? callbackKeys[provider] : undefined
    const body = bodyText(event)
    const signature = header(event, 'x-signature') ?? ''
    if (key === undefined || !isSigned(key, signature, body, await clock(db)))
      throw new Problem(
        401,
        'unauthorized',
        'sign the body with the key of this provider, and the time of now',
      )
    await askSoon(db, provider, readBody(Callback, body).job_id)
    return respond(202, {})
  },
}
