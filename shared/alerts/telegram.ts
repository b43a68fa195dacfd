import * as z from 'zod'
import { type Fetch, request } from '../http/request.ts'
import { jsonOf } from '../model/json.ts'
import type { Written } from './compose.ts'
import { takenOrThrow } from './taken.ts'

/** The longest text of a message (Telegram Bot API, sendMessage). */
const mostLetters = 4_096

/** Sends a message to a chat with the bot (Telegram Bot API, sendMessage). Throws as `takenOrThrow` does. */
export async function tellTelegram(
  fetch: Fetch,
  { url, token, chat }: { readonly url: string; readonly token: string; readonly chat: string },
  { title, text }: Written,
): Promise<void> {
  const body = JSON.stringify({
    chat_id: chat,
    text: `${title}\n\n${text}`.slice(0, mostLetters),
    link_preview_options: { is_disabled: true },
  })
  const answer = await request(fetch, `${url}/bot${token}/sendMessage`, {
    ...{ method: 'POST', body, timeoutMs: 10_000, maxBytes: 100_000 },
    headers: { 'content-type': 'application/json' },
  })
  const read = Answer.safeParse(jsonOf(answer.text))
  const { description, parameters } = read.data ?? {}
  takenOrThrow(answer, description ? `Telegram (${description})` : 'Telegram', parameters?.retry_after)
}

const Answer = z.object({
  description: z.string().max(300).optional(),
  parameters: z.object({ retry_after: z.number().optional() }).optional(),
})
