import * as z from 'zod'
import { openSimulator, type SimAnswer, type SimRequest, type Simulator } from '../server.ts'

/** The token of the simulated bot. */
export const botToken = '1234567:simulated-bot-token-of-telegram'

/** A chat that is there as long as its id is no larger (Telegram Bot API: `Bad Request: chat not found` otherwise). */
const mostChat = 1_000_000_000

const Sent = z.object({ chat_id: z.union([z.string(), z.number()]), text: z.string().min(1).max(4_096) })

export interface SimMessage {
  readonly chat: string
  readonly text: string
}

const refused = (status: number, description: string, parameters?: object): SimAnswer => ({
  status,
  body: { ok: false, error_code: status, description, ...(parameters ? { parameters } : {}) },
})

/**
 * `sendMessage` of the Telegram Bot API, with its envelope and refusals (core.telegram.org/bots/api, Making requests). `GET /messages` shows
 * what was sent.
 */
export async function openTelegram(): Promise<Simulator & { readonly messages: readonly SimMessage[] }> {
  const messages: SimMessage[] = []
  const answer = ({ method, path, body }: SimRequest): SimAnswer => {
    if (method === 'GET' && path === '/messages') return { status: 200, body: { items: messages } }
    const [, token, call] = /^\/bot([^/]+)\/(\w+)$/.exec(path) ?? []
    if (token !== botToken) return refused(401, 'Unauthorized')
    if (call !== 'sendMessage') return refused(404, 'Not Found')
    const sent = Sent.safeParse(JSON.parse(body || '{}'))
    if (!sent.success) return refused(400, 'Bad Request: message text is empty')
    const chat = String(sent.data.chat_id)
    if (Number(chat) > mostChat) return refused(400, 'Bad Request: chat not found')
    messages.push({ chat, text: sent.data.text })
    return { status: 200, body: { ok: true, result: { message_id: messages.length, text: sent.data.text } } }
  }
  const named = {
    flood: {
      faults: [{ path: '*', status: refused(429, 'Too Many Requests: retry after 30', { retry_after: 30 }) }],
    },
    blocked: { faults: [{ path: '*', status: refused(403, 'Forbidden: bot was blocked by the user') }] },
  }
  return Object.assign(await openSimulator({ answer, named }), { messages })
}
