import { Webhook } from 'standardwebhooks'
import { TerminalError } from '../errors.ts'
import { type Fetch, request } from '../http/request.ts'
import { alertAsJson } from '../model/alert.ts'
import type { Telling, Written } from './compose.ts'
import { takenOrThrow } from './taken.ts'

const typeOf = ({ cause, fired }: Telling): string => {
  if (cause === 'test') return 'alerts.test'
  return fired.length > 0 ? 'alerts.firing' : 'alerts.over'
}

/**
 * Posts a message to a program, signed as Standard Webhooks says (standardwebhooks.com, 1.0.0): its id stays the same when it
 * is sent again. Throws as `takenOrThrow` does.
 */
export async function tellWebhook(
  fetch: Fetch,
  { target, secret }: { readonly target: string; readonly secret: string },
  telling: Telling,
  written: Written,
  now: Date,
): Promise<void> {
  if (!URL.canParse(target)) throw new TerminalError('the address of the webhook cannot be read')
  const body = JSON.stringify({
    type: typeOf(telling),
    timestamp: telling.at.toISOString(),
    data: {
      cause: telling.cause,
      ...written,
      firing: telling.fired.map(alertAsJson),
      over: telling.over.map(alertAsJson),
      url: telling.url ?? null,
    },
  })
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'social-sync',
    'webhook-id': telling.key,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign(telling.key, now, body),
  }
  const answer = await request(fetch, target, {
    method: 'POST',
    headers,
    body,
    timeoutMs: 10_000,
    maxBytes: 100_000,
  })
  takenOrThrow(answer, 'the webhook')
}
