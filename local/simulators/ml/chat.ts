import { openSimulator, type SimAnswer, type SimRequest, type Simulator } from '../server.ts'
import { sayOf } from './language-model.ts'

type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image_url'; readonly image_url: { readonly url: string } }
interface Asked {
  readonly model?: string
  readonly messages?: readonly { readonly role: string; readonly content: string | readonly Part[] }[]
}

export interface ChatSimulatorOptions {
  readonly apiKey: string
  /** Some models put their JSON between fences. */
  readonly isFenced?: boolean
}

export interface ChatSimulator extends Simulator {
  /** Answers that are paid for. */
  answered(): number
}

/** Chat completions as OpenAI and AI Studio have them; the model answers at once, and recognises no repeats. */
export async function openChat({ apiKey, isFenced = false }: ChatSimulatorOptions): Promise<ChatSimulator> {
  let answered = 0
  const complete = (request: SimRequest): SimAnswer => {
    const { model = '', messages = [] } = JSON.parse(request.body) as Asked
    const parts = messages.flatMap(({ content }) =>
      typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content,
    )
    if (model === '' || parts.length === 0) return problem(400, 'model and messages are required')
    answered += 1
    const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))
    const image = parts.find((part) => part.type === 'image_url')?.image_url.url
    const picture = image ? Buffer.from(image.replace(/^data:image\/\w+;base64,/, ''), 'base64') : null
    const said = sayOf(texts[0] ?? '', { text: texts.slice(1).join('\n'), picture })
    const prompt_tokens = Math.ceil(texts.join('').length / 4) + (picture ? 256 : 0)
    const completion_tokens = Math.ceil(said.length / 4)
    return {
      status: 200,
      body: {
        id: `chatcmpl-${answered}`,
        object: 'chat.completion',
        created: 1_764_000_000,
        model: `${model}/latest`,
        choices: [
          {
            index: 0,
            message: { role: 'assistant', content: isFenced ? `\`\`\`json\n${said}\n\`\`\`` : said },
            finish_reason: 'stop',
          },
        ],
        usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
      },
    }
  }
  const answer = (request: SimRequest): SimAnswer => {
    if (!new RegExp(`^(Bearer|Api-Key) ${apiKey}$`).test(request.headers.authorization ?? ''))
      return problem(401, 'Unknown api key')
    if (request.method === 'GET' && request.path === '/models')
      return { status: 200, body: { object: 'list', data: [{ id: 'gemma', object: 'model' }] } }
    return request.method === 'POST' && request.path === '/chat/completions'
      ? complete(request)
      : problem(404, 'Not found')
  }
  const simulator = await openSimulator({ answer, named: {} })
  return { ...simulator, answered: () => answered }
}

/** The envelope that clients of AI Studio report. */
const problem = (httpCode: number, message: string): SimAnswer => ({
  status: httpCode,
  body: { error: { grpcCode: httpCode === 401 ? 16 : 3, httpCode, message, httpStatus: '', details: [] } },
})
