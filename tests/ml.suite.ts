import { expect, test } from 'vitest'
import { RetryableError, TerminalError } from '#shared/errors.ts'
import { findsOf } from '#shared/ml/finds.ts'
import type { LastAnswer, MlAccepted, MlAnswer, MlProvider, MlRequest } from '#shared/ml/provider.ts'
import type { MlInput, MlKind } from '#shared/model/ml-job.ts'
import { type Checked, checks, openChecked } from '../local/ml-check/checks.ts'
import { Job } from '../local/ml-check/contract.ts'
import { unstopped } from './setup/signal.ts'

/**
 * What every ML provider over HTTP holds to; `npm run ml:check` asks the same of any server.
 * @param lacks names of checks that this one does not pass, since it leaves the call out
 */
export function mlSuite(name: string, open: () => Promise<Checked>, lacks: readonly string[] = []): void {
  test.for(checks)(`${name}: $name`, async (check) => {
    const has = await check.run(openChecked(await open()))
    expect(has).toBe(!lacks.includes(check.name))
    if (!has) expect(check.without).toBeDefined()
  })
}

export const optional = checks.flatMap(({ name, without }) => (without === undefined ? [] : [name]))

/** What can go wrong with the other side, as a simulator does it. */
export type Trouble = 'slow down' | 'wrong key' | 'down' | 'broken answer'

/** A provider through our client of it. */
export interface OpenedProvider {
  readonly provider: MlProvider
  readonly kind: MlKind
  readonly input: MlInput
  /** The next calls fail so. */
  trouble(trouble: Trouble): Promise<void> | void
  /** Lets so much time go by at the other side; one without a clock of its own is waited for. */
  wait(ms: number): Promise<void> | void
  /** Results that were paid for. */
  paid(): number
}

const day = 86_400_000

/** What every provider is through its client, whatever it speaks. */
export function providerSuite(name: string, open: () => Promise<OpenedProvider>): void {
  const named = (sentence: string) => `${name}: ${sentence}`
  const request = ({ kind, input }: OpenedProvider, key: string): MlRequest => ({
    ...{ key: `${key.repeat(32)}-1`, kind, model: 'model-v1', input, traceparent: null },
  })

  test(named('a job that is sent has, in time, a result of the contract that says something'), async () => {
    const opened = await open()
    const accepted = await opened.provider.submit(request(opened, 'a'), unstopped)
    const answer = await lastWord(opened, accepted)
    if (answer.state !== 'done') throw new Error(JSON.stringify(answer))
    Job.shape.result.parse(answer.result)
    expect(findsOf(answer.result)).not.toEqual([])
    expect(opened.paid()).toBe(1)
  })

  test(named('two jobs have two ids, and are answered each for itself'), async () => {
    const opened = await open()
    const [one, other] = [
      await opened.provider.submit(request(opened, 'a'), unstopped),
      await opened.provider.submit(request(opened, 'b'), unstopped),
    ]
    expect(one.jobId).not.toBe(other.jobId)
    for (const accepted of [one, other])
      expect(await lastWord(opened, accepted)).toMatchObject({ state: 'done' })
  })

  test(named('the same key gives the same job, or the client says that it does not'), async () => {
    const opened = await open()
    const sent = async () => lastWord(opened, await opened.provider.submit(request(opened, 'a'), unstopped))
    await sent()
    if (opened.provider.gathering) return
    await sent()
    expect(opened.paid()).toBe(opened.provider.idempotent ? 1 : 2)
  })

  test(named('a job that it does not know is unknown or gone, and harms no other'), async () => {
    const opened = await open()
    const accepted = await opened.provider.submit(request(opened, 'a'), unstopped)
    const answers = await opened.provider.ask(['no-such-job', accepted.jobId], unstopped)
    expect(['unknown', 'gone']).toContain(answers.get('no-such-job')?.state)
    expect(answers.get(accepted.jobId)?.state).toBe(accepted.answer ? 'gone' : 'pending')
  })

  test.for([
    ['slow down', { scope: 'pool', reason: 'rate' }],
    ['wrong key', { scope: 'pool', reason: 'credential' }],
    ['down', { scope: 'pool', reason: 'provider' }],
  ] as const)(named('%s closes its pool, and condemns no job'), async ([trouble, verdict]) => {
    const opened = await open()
    await opened.trouble(trouble)
    const error = await opened.provider.submit(request(opened, 'a'), unstopped).catch((one: unknown) => one)
    expect(error).toBeInstanceOf(RetryableError)
    expect(error).toMatchObject(verdict)
  })

  test(named('an answer that is none of its own is a verdict, never a crash'), async () => {
    const opened = await open()
    await opened.trouble('broken answer')
    const outcome = await opened.provider
      .submit(request(opened, 'a'), unstopped)
      .then((accepted) => accepted.answer)
      .catch((error: unknown) => error)
    const isVerdict = outcome instanceof RetryableError || outcome instanceof TerminalError
    expect(isVerdict || (outcome as LastAnswer).state === 'broken').toBe(true)
  })

  test(named('one that is not there is said to be down, and one that is there to be up'), async () => {
    const opened = await open()
    expect(await opened.provider.isUp(unstopped)).toBe(true)
    await opened.trouble('down')
    expect(await opened.provider.isUp(unstopped)).toBe(false)
  })
}

/** Asks until there is a last word, as the poll function does, for some days at most. */
async function lastWord(opened: OpenedProvider, { jobId, answer }: MlAccepted): Promise<MlAnswer> {
  let last: MlAnswer | undefined = answer
  for (let waited = 0; waited < 7 * day && (!last || last.state === 'pending'); waited += 60_000) {
    await opened.wait(60_000)
    last = (await opened.provider.ask([jobId], unstopped)).get(jobId)
  }
  if (!last) throw new Error('the job was never mentioned')
  return last
}
