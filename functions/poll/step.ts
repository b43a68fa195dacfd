import pMap from 'p-map'
import { type AskableJob, claimToAsk, countToAsk, type Settled, settleJobs } from '#shared/db/ml-jobs.ts'
import type { Db } from '#shared/db/pool.ts'
import { blockPool, reserveQuota } from '#shared/db/quota-windows.ts'
import { messageOf, RetryableError } from '#shared/errors.ts'
import type { MlAnswer, MlProvider } from '#shared/ml/provider.ts'
import type { QuotaWindow } from '#shared/model/quota.ts'
import type { Logger } from '#shared/telemetry/logger.ts'
import { count } from '#shared/telemetry/metrics.ts'
import { currentTraceparent, inSpan, openSpan } from '#shared/telemetry/span.ts'
import { apply } from './apply.ts'

export interface AskDeps {
  readonly db: Db
  readonly provider: MlProvider
  /** Calls allowed; the circuit breaker of asking. */
  readonly window: QuotaWindow
  readonly log: Logger
  readonly random: () => number
}

/**
 * Asks once about a batch of due jobs and applies the answers. Nothing waits in here: a job not ready is due again
 * later.
 * Returns how many were asked about, whether more may be due, and the tasks that waited for them.
 */
export async function askOnce(deps: AskDeps): Promise<{ asked: number; more: boolean; tasks: string[] }> {
  const { provider, window } = deps
  const size = Math.min(provider.batchSize, window.limit)
  const due = await countToAsk(deps.db, size)
  if (due === 0) return nothing
  const need = { units: provider.callsFor(due), windows: [window] }
  const reservation = await reserveQuota(deps.db, need, 'ad-hoc')
  if (!reservation.granted) return nothing
  const jobs = await claimToAsk(deps.db, due)
  if (jobs.length === 0) return nothing
  let answers: Map<string, MlAnswer>
  try {
    const links = jobs.map((job) => job.traceparent)
    const ask = { links, attributes: { 'social_sync.jobs': jobs.length } }
    answers = await inSpan('ask', ask, () => provider.ask(jobs.map((job) => job.provider_job_id)))
  } catch (error) {
    // The jobs come due again by themselves when their lease ends.
    deps.log.warn({ error, jobs: jobs.length }, 'the ML provider could not be asked')
    const reserved = reservation.windows.at(-1)
    const pauseMs = error instanceof RetryableError && error.scope !== 'call' ? error.afterMs : undefined
    if (reserved && pauseMs) await blockPool(deps.db, reserved, pauseMs)
    return { ...nothing, tasks: await expireOverdue(deps, jobs) }
  }
  const settled = jobs.map((job) =>
    apply(job, answers.get(job.provider_job_id) ?? { state: 'unknown' }, deps.random()),
  )
  const tasks = await settle(deps, settled)
  tellFinal(jobs, settled)
  return { asked: jobs.length, more: jobs.length === size, tasks }
}

/** A job that became final is a span in the trace of the sync that planned it. */
function tellFinal(jobs: readonly AskableJob[], settled: readonly Settled[]): void {
  const traceOf = new Map(jobs.map((job) => [job.id, job.traceparent]))
  for (const { id, state } of settled) {
    if (state === 'pending' || state === 'resend') continue
    const attributes = { 'social_sync.ml_job.id': id, 'social_sync.outcome': state }
    openSpan('apply', { parent: traceOf.get(id) ?? null, links: [currentTraceparent()], attributes }).end()
    count('social_sync.ml.settled', 1, { 'social_sync.outcome': state })
  }
}

const nothing = { asked: 0, more: false, tasks: [] as string[] }

/** A provider that is away does not keep a job past its deadline. */
function expireOverdue(deps: AskDeps, jobs: readonly AskableJob[]): Promise<string[]> {
  const overdue = jobs.filter((job) => job.overdue)
  return settle(
    deps,
    overdue.map((job) => apply(job, { state: 'pending', afterMs: undefined }, deps.random())),
  )
}

/** The batch in one transaction; if that fails, answer by answer, and a bad answer is parked with its body. */
async function settle(deps: AskDeps, settled: readonly Settled[]): Promise<string[]> {
  try {
    return await settleJobs(deps.db, settled)
  } catch (error) {
    deps.log.warn(
      { error, jobs: settled.length },
      'a batch of ML answers could not be applied, going one by one',
    )
    const tasks = await pMap(settled, (one) => settleOne(deps, one), { concurrency: 1 })
    return tasks.flat()
  }
}

async function settleOne(deps: AskDeps, one: Settled): Promise<string[]> {
  try {
    return await settleJobs(deps.db, [one])
  } catch (error) {
    deps.log.error({ error, ml_job_id: one.id }, 'an ML answer cannot be stored, the job is parked')
    const body = JSON.stringify(one.result)?.slice(0, 4000).toWellFormed()
    const parked = { code: 'unstorable', message: messageOf(error), body: body?.replaceAll('\\u0000', '') }
    return settleJobs(deps.db, [
      { ...one, state: 'failed', result: null, error: parked, parked: true, again: false },
    ])
  }
}
