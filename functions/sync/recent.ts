import { createHash } from 'node:crypto'
import type { Begun, Request } from '#shared/db/tables/idempotent-requests.ts'
import type { HttpEvent } from '#shared/http/http-event.ts'
import type { Language } from '#shared/language/accepted.ts'
import type { Caller } from './caller.ts'
import type { ApiDeps } from './deps.ts'

type State = ApiDeps['state']

const hashOf = (...parts: readonly string[]) => createHash('sha256').update(parts.join('\n')).digest('hex')

/** What any change makes of no use. */
const generation = 'lists'
const generationS = 3_600

/**
 * An answer that was given to a caller of the same reach and language within so many seconds and since when the API changed nothing, else
 * a new one.
 */
export async function recently<Answer>(
  { path, queryStringParameters }: HttpEvent,
  {
    state,
    log,
    caller,
    language,
  }: Pick<ApiDeps, 'state' | 'log'> & {
    readonly caller: Pick<Caller, 'reach'>
    readonly language: Language
  },
  seconds: number,
  serve: () => Promise<Answer>,
): Promise<Answer> {
  if (!state.isOutside) return serve()
  const since = (await state.get(generation)) ?? ''
  const query = JSON.stringify(Object.entries(queryStringParameters ?? {}).sort())
  const name = `list.${hashOf(since, path, query, language, JSON.stringify(caller.reach))}`
  const kept = await state.get(name)
  if (kept !== undefined) return JSON.parse(kept)
  const answer = await serve()
  const text = JSON.stringify(answer)
  if (text.length <= mostLength) await state.put(name, text, seconds)
  else log.debug({ path, length: text.length }, 'an answer is too long to be remembered')
  return answer
}

/** Rows of these stores are small (YDB takes 8 MB, at a price by kilobyte). */
const mostLength = 200_000

/** After a call that changed something no answer from before is given. */
export async function forgetRecent({ state }: Pick<ApiDeps, 'state'>): Promise<void> {
  if (state.isOutside) await state.put(generation, crypto.randomUUID(), generationS)
}

/** Repetitions come within minutes; that a request is carried out once is promised by the database alone. */
const finishedS = 600

interface Finished {
  readonly route: string
  readonly request_hash: string
  readonly answer: unknown
}

/** Answers of finished requests in the state. */
export const finishedIn = (state: State) => ({
  find: async ({ actor, key, route, request_hash }: Request): Promise<Begun | undefined> => {
    const text = state.isOutside ? await state.get(`done.${hashOf(actor, key)}`) : undefined
    if (text === undefined) return undefined
    const kept = JSON.parse(text) as Finished
    const isSame = kept.route === route && kept.request_hash === request_hash
    return isSame ? { state: 'done', answer: kept.answer } : { state: 'other' }
  },
  keep: async ({ actor, key, route, request_hash }: Request, answer: unknown): Promise<void> => {
    if (!state.isOutside) return
    const kept: Finished = { route, request_hash, answer }
    const text = JSON.stringify(kept)
    if (text.length <= mostLength) await state.put(`done.${hashOf(actor, key)}`, text, finishedS)
  },
})
