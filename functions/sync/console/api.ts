import { language, named, t } from './language.ts'

/** A refusal of the API, with the fields at fault. */
export class Refusal extends Error {
  readonly status: number
  readonly fields: readonly { readonly field: string; readonly message: string }[]

  constructor(status: number, message: string, fields: Refusal['fields'] = []) {
    super(message)
    this.status = status
    this.fields = fields
  }
}

const place = 'social-sync key'

/** The key of this tab. It is handed over in the fragment, which is never sent, and is taken out of the address at once. */
export function takeKey(): string {
  const given = /^#key=([\w-]{32,})$/.exec(location.hash)?.[1]
  if (given) {
    keepKey(given)
    history.replaceState(null, '', `${location.pathname}#/`)
  }
  return sessionStorage.getItem(place) ?? ''
}

export function keepKey(key: string): void {
  if (key === '') sessionStorage.removeItem(place)
  else sessionStorage.setItem(place, key)
}

async function send(
  method: string,
  path: string,
  body: object | undefined,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const response = await fetch(`.${path}`, {
    method,
    headers: {
      'accept-language': language,
      'x-api-key': sessionStorage.getItem(place) ?? '',
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(method === 'POST' ? { 'idempotency-key': crypto.randomUUID() } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
    ...(signal ? { signal } : {}),
  }).catch((error: unknown) => {
    throw signal?.aborted ? error : new Refusal(0, t('problems.offline'))
  })
  if (response.ok) return response
  const answer: unknown = await response.json().catch(() => undefined)
  throw refusalOf(response.status, (answer ?? {}) as Problem)
}

interface Problem {
  readonly type?: string
  readonly detail?: string
  readonly errors?: Refusal['fields']
}

/** In English the API says more than its kinds of problems do. */
function refusalOf(status: number, { type, detail, errors }: Problem): Refusal {
  const kind = type?.split(':').at(-1) ?? ''
  const said = named('problems', kind)
  const isKnown = language !== 'en' && said !== kind.replaceAll('_', ' ')
  const message = isKnown ? said : detail
  return new Refusal(status, message ?? t('problems.status', { status }), errors)
}

/** Asks the API beside this page. Throws a Refusal. */
export async function ask<Answer>(
  method: string,
  path: string,
  body?: object,
  signal?: AbortSignal,
): Promise<Answer> {
  const response = await send(method, path, body, signal)
  const answer: unknown = await response.json().catch(() => undefined)
  if (answer !== undefined) return answer as Answer
  throw new Refusal(response.status, t('problems.unreadable'))
}

/** Asks for a text, and where it goes on. Throws a Refusal. */
export async function askText(
  path: string,
): Promise<{ readonly text: string; readonly link: string | null }> {
  const response = await send('GET', path, undefined, undefined)
  const link = /^<(.*)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1] ?? null
  return { text: await response.text(), link }
}
