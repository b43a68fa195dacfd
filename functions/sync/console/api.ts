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

/** Asks the API beside this page. Throws a Refusal. */
export async function ask<Answer>(
  method: string,
  path: string,
  body?: object,
  signal?: AbortSignal,
): Promise<Answer> {
  const response = await fetch(`.${path}`, {
    method,
    headers: {
      'x-api-key': sessionStorage.getItem(place) ?? '',
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(method === 'POST' ? { 'idempotency-key': crypto.randomUUID() } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
    ...(signal ? { signal } : {}),
  }).catch((error: unknown) => {
    throw signal?.aborted ? error : new Refusal(0, 'no answer: is the function, or npm start, still running?')
  })
  const answer: unknown = await response.json().catch(() => undefined)
  if (response.ok && answer !== undefined) return answer as Answer
  const { detail, errors } = (answer ?? {}) as { detail?: string; errors?: Refusal['fields'] }
  throw new Refusal(response.status, detail ?? `the API answered ${response.status}`, errors)
}
