import pRetry from 'p-retry'
import { type Db, isDatabaseTrouble } from '#shared/db/pool.ts'
import { nameAnswered, settleIn } from '#shared/db/tables/ml-jobs/answered.ts'
import { saveSubmits } from '#shared/db/tables/ml-jobs/sent.ts'
import { messageOf } from '#shared/errors.ts'
import type { LastAnswer } from '#shared/ml/provider.ts'
import { settledBy } from '#shared/ml/settled.ts'
import type { SendableJob, SendOutcome, Settled } from '#shared/model/ml-job.ts'

interface Answered {
  /** Tasks that waited for it. */
  readonly tasks: readonly string[]
  /** Why the job failed, if it did. */
  readonly failed: string | undefined
}

/**
 * Writes that a job was sent and what came of it, in one transaction: its provider keeps no results, so that none may be
 * lost in between. One that cannot be stored is parked.
 * @param retries for a database in trouble, within some seconds: what is not written is paid for once more
 */
export async function saveAnswered(
  { db, usd }: { readonly db: Db; readonly usd?: number | undefined },
  job: SendableJob,
  outcome: SendOutcome,
  answer: LastAnswer,
  retries: number,
): Promise<Answered> {
  const settled = settledBy(job, answer)
  const shouldRetry = ({ error }: { readonly error: unknown }) => isDatabaseTrouble(error)
  const write = (settlement: Settled) =>
    pRetry(() => writeOnce(db, outcome, settlement, usd), { retries, minTimeout: 300, shouldRetry })
  try {
    return await write(settled)
  } catch (error) {
    if (isDatabaseTrouble(error)) throw error
    const cause = { code: 'unstorable', message: messageOf(error) }
    return write({
      ...settled,
      state: 'failed',
      result: null,
      finds: [],
      error: cause,
      parked: true,
    })
  }
}

const writeOnce = (
  db: Db,
  outcome: SendOutcome,
  settled: Settled,
  usd: number | undefined,
): Promise<Answered> =>
  db.transaction(async (tx) => {
    await saveSubmits(tx, [outcome], usd)
    await nameAnswered(tx, outcome)
    const tasks = await settleIn(tx, [settled], false)
    const { code } = (settled.error ?? {}) as { code?: string }
    return { tasks, failed: settled.state === 'done' ? undefined : (code ?? 'error') }
  })
