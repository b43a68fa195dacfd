import pMap from 'p-map'
import { messageOf, RetryableError, Stopped } from '#shared/errors.ts'
import type { MlAnswer, MlProvider } from '#shared/ml/provider.ts'

/** Trouble that lies at no single job: the provider is away, asks to slow down, or refuses the key. */
export const isAway = (error: unknown): error is RetryableError =>
  error instanceof RetryableError && error.scope !== 'call'

interface Halving {
  readonly provider: MlProvider
  /** Reserves further calls. false: there is no room, and what is left is asked about later. */
  readonly spend: (calls: number) => Promise<boolean>
  readonly signal: AbortSignal
}

type Answers = Map<string, MlAnswer>

/** What came of asking: answers, and the trouble of the provider that ended it early. */
export interface AskedJobs {
  readonly answers: Answers
  /** Whether the provider knows any of these jobs, which makes its word good that it does not know another. */
  readonly knowsAny: boolean
  readonly trouble: unknown
}

interface State extends Halving {
  readonly answers: Answers
  /** Jobs whose own call failed while nothing showed that the provider is well. */
  readonly doubts: Map<string, unknown>
  isUp: boolean
}

/** So many jobs that fail alone, with nothing answered, show that the provider itself is in trouble. */
const mostDoubts = 2

/**
 * Asks about jobs by one call, and when that fails by calls for each half, down to one. A job whose call fails alone is at
 * fault only when other jobs are answered: otherwise the trouble is the provider's, and no job is judged by it.
 */
export async function askHalving(asking: Halving, ids: readonly string[]): Promise<AskedJobs> {
  const state: State = { ...asking, answers: new Map(), doubts: new Map(), isUp: false }
  let trouble: unknown
  try {
    await askPart(state, ids)
    const [[, doubt] = [undefined, undefined]] = state.doubts
    if (doubt !== undefined && !state.isUp) throw doubt
  } catch (error) {
    // Stopped while the provider was failing: the failure says more than the stop.
    const [doubt] = state.isUp ? [] : state.doubts.values()
    trouble = error instanceof Stopped ? (doubt ?? error) : error
  }
  const knowsAny = [...state.answers.values()].some(isKnown)
  if (trouble === undefined)
    await pMap(state.doubts, ([id, error]) => askAlone(state, id, error), { concurrency: 1 })
  return { answers: state.answers, knowsAny, trouble }
}

const isKnown = (answer: MlAnswer) =>
  answer.state !== 'unknown' && answer.state !== 'broken' && !(answer.state === 'pending' && answer.isUntold)

async function askPart(state: State, ids: readonly string[]): Promise<void> {
  const { provider, signal } = state
  try {
    const answers = await provider.ask(ids, signal)
    provider.learnSize(ids.length, true)
    state.isUp = true
    for (const [id, answer] of answers) state.answers.set(id, answer)
  } catch (error) {
    if (error instanceof Stopped) throw error
    // A request to slow down, or a refusal of all calls: neither is about sizes.
    if (isAway(error) && error.reason !== 'provider') throw error
    provider.learnSize(ids.length, false)
    if (ids.length > 1) return askApart(state, ids, isAway(error))
    state.doubts.set(ids[0] ?? '', error)
    // No page of a proxy is that long: the provider is there, and the answer about this job is what fails.
    state.isUp ||= error instanceof RetryableError && error.reason === 'too_large'
    if (!state.isUp && state.doubts.size >= mostDoubts) throw error
  }
}

async function askApart(state: State, ids: readonly string[], mayBeAway: boolean): Promise<void> {
  // Where the provider may be away altogether, one job at a time shows it.
  const middle = mayBeAway && !state.isUp ? 1 : Math.ceil(ids.length / 2)
  for (const part of [ids.slice(0, middle), ids.slice(middle)]) {
    if (!(await state.spend(state.provider.callsFor(part.length)))) break
    await askPart(state, part)
  }
}

/**
 * Asks again about a job that failed alone while others were answered; if that fails too, the job is at fault.
 */
async function askAlone(state: State, id: string, error: unknown): Promise<void> {
  // Not answered at all: asked again in its time, and given up at its deadline.
  const later = { state: 'pending', afterMs: undefined, isUntold: true } as const
  if (isAway(error) || isBusy(error)) return void state.answers.set(id, later)
  if (!(await state.spend(1))) return
  try {
    for (const [known, answer] of await state.provider.ask([id], state.signal))
      state.answers.set(known, answer)
  } catch (again) {
    // Asked about again when its lease ends.
    if (again instanceof Stopped) return
    const body = messageOf(again).slice(0, 4000).toWellFormed()
    state.answers.set(id, isAway(again) || isBusy(again) ? later : { state: 'broken', body })
  }
}

const isBusy = (error: unknown) => error instanceof RetryableError && error.reason === 'busy'
