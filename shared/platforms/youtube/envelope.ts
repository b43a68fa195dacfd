import * as z from 'zod'
import { RetryableError } from '../../errors.ts'
import { type HttpAnswer, parseJson } from '../../http/request.ts'
import { jsonOf } from '../../model/json.ts'
import { verdictOf } from './errors.ts'
import { Envelope, listKinds } from './resources.ts'

/** A good answer of one call. Throws the verdict on an error, also on one that comes with HTTP 200, or on another shape. */
export function envelopeOf(
  endpoint: string,
  answer: HttpAnswer,
): z.infer<typeof Envelope> & Record<string, unknown> {
  if (answer.status !== 200) throw verdictOf(answer.status, answer.headers, answer.text)
  const body = parseJson(answer.text)
  // An error may come with HTTP 200.
  if (Refusal.safeParse(body).success) throw verdictOf(answer.status, answer.headers, answer.text)
  const parsed = z.looseObject(Envelope.shape).safeParse(body)
  if (!parsed.success || parsed.data.kind !== listKinds[endpoint])
    throw new RetryableError('YouTube sent an answer of unknown shape', { reason: 'broken_answer' })
  return parsed.data
}
/** The platform's own error, whatever it says. */
export const isRefusal = (text: string): boolean => Refusal.safeParse(jsonOf(text)).success

const Refusal = z.object({ error: z.object({}) })
