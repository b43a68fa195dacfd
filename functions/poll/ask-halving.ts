import { messageOf, RetryableError } from '#shared/errors.ts'
import type { MlAnswer, MlProvider } from '#shared/ml/provider.ts'

/** Trouble that lies at no single job: the provider is away, asks to slow down, or refuses the key. */
export const isAway = (error: unknown): error is RetryableError =>
  error instanceof RetryableError && error.scope !== 'call'

export interface Asking {
  readonly provider: MlProvider
  /** Reserves one further call. false: there is no room, and what is left is asked about later. */
  readonly spend: () => Promise<boolean>
}

type Answers = Map<string, MlAnswer>

/**
 * Asks about jobs by one call, and when that fails by calls for each half, down to one, which then bears it alone. Trouble
 * of the provider itself is thrown: a call about a single job tells it from a job at which calls for many break.
 * @param isUp whether another call was answered well meanwhile
 */
export async function askHalving(
  asking: Asking,
  ids: readonly string[],
  isUp: { value: boolean } = { value: false },
): Promise<Answers> {
  const { provider } = asking
  try {
    const answers = await provider.ask(ids)
    provider.learnSize(ids.length, true)
    isUp.value = true
    return answers
  } catch (error) {
    provider.learnSize(ids.length, false)
    if (isAway(error) && error.reason !== 'provider') throw error
    if (ids.length > 1) return askApart(asking, ids, isUp, isAway(error))
    return askAlone(asking, ids[0] ?? '', isUp.value, error)
  }
}

async function askApart(
  asking: Asking,
  ids: readonly string[],
  isUp: { value: boolean },
  mayBeAway: boolean,
): Promise<Answers> {
  // Where the provider may be away altogether, one job shows it.
  const middle = mayBeAway && !isUp.value ? 1 : Math.ceil(ids.length / 2)
  const answers: Answers = new Map()
  for (const part of [ids.slice(0, middle), ids.slice(middle)]) {
    if (!(await asking.spend())) break
    for (const [id, answer] of await askHalving(asking, part, isUp)) answers.set(id, answer)
  }
  return answers
}

/** An answer about this very job that cannot be taken: once more, since it may have been cut off on its way. */
async function askAlone(asking: Asking, id: string, isUp: boolean, error: unknown): Promise<Answers> {
  if (isAway(error) && !isUp) throw error
  // It alone is not answered: asked again in its time, and given up at its deadline.
  if (isAway(error)) return new Map([[id, { state: 'pending', afterMs: undefined }]])
  if (!(await asking.spend())) return new Map()
  try {
    return await asking.provider.ask([id])
  } catch (again) {
    if (isAway(again)) throw again
    return new Map([[id, { state: 'broken', body: messageOf(again).slice(0, 4000).toWellFormed() }]])
  }
}
