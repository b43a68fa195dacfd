import * as z from 'zod'
import { AppFault, AskAgain, RetryableError } from '../../errors.ts'
import { type Fetch, parseJson, request } from '../../http/request.ts'

export interface ClientOptions {
  readonly fetch: Fetch
  readonly baseUrl: string
  readonly clientKey: string
  readonly clientSecret: string
}

const Granted = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() })

/** Not used for so long before its end. */
const marginMs = 60_000

/**
 * The token of an app itself, for two hours (TikTok tokens). It may be asked for at any time and is kept nowhere but
 * here, so that a process that dies loses nothing.
 */
export class ClientToken {
  readonly #options: ClientOptions
  #token: Promise<{ readonly text: string; readonly until: number }> | null = null
  /** The last one was refused, and none has been accepted since. */
  #wasRefused = false

  constructor(options: ClientOptions) {
    this.#options = options
  }

  /** One that has just come is used, however soon it ends. */
  async get(signal: AbortSignal): Promise<string> {
    const held = this.#token
    const known = await held?.catch(() => undefined)
    if (known && performance.now() < known.until) return known.text
    // Of several callers that find it expired, the first asks and the others share its answer.
    const asked = this.#token === held || !this.#token ? this.#ask(signal) : this.#token
    this.#token = asked
    return (await asked).text
  }

  /** A call went well with it. */
  accepted(): void {
    this.#wasRefused = false
  }

  /** It was refused: the next call goes with a new one. When that is refused too, the app is. */
  async refused(text: string, code: string): Promise<AskAgain | AppFault> {
    const current = await this.#token?.catch(() => undefined)
    // Another one has come meanwhile.
    if (current?.text !== text) return askAgain(code)
    this.#token = null
    if (this.#wasRefused) return new AppFault(`TikTok refuses each token that it gives the app: ${code}`)
    this.#wasRefused = true
    return askAgain(code)
  }

  async #ask(signal: AbortSignal) {
    const { fetch, baseUrl, clientKey, clientSecret } = this.#options
    const form = { client_key: clientKey, client_secret: clientSecret, grant_type: 'client_credentials' }
    const answer = await request(fetch, `${baseUrl}/v2/oauth/token/`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
      signal,
    })
    const granted = Granted.safeParse(parseJson(answer.text)).data
    if (!granted && answer.status >= 500)
      throw new RetryableError(`TikTok gives no token at this moment: it answered ${answer.status}`, {
        reason: 'platform',
      })
    if (!granted) throw new AppFault(`TikTok gives the app no token: it answered ${answer.status}`)
    return { text: granted.access_token, until: performance.now() + granted.expires_in * 1000 - marginMs }
  }
}

const askAgain = (code: string) =>
  new AskAgain(`TikTok refuses the token of the app: ${code}`, { reason: 'credential' })
