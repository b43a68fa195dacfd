import pMap from 'p-map'
import { type Db, isDatabaseTrouble } from '#shared/db/pool.ts'
import { type AskableJob, claimToAsk, countToAsk, settleJobs } from '#shared/db/tables/ml-jobs/answered.ts'
import { blockPool, reserveQuota } from '#shared/db/tables/quota-windows.ts'
import { messageOf, Stopped } from '#shared/errors.ts'
import type { Asking } from '#shared/ml/provider.ts'
import type { Settled } from '#shared/model/ml-job.ts'
import type { Logger } from '#shared/telemetry/logger.ts'
import { count } from '#shared/telemetry/metrics.ts'
import { currentTraceparent, inSpan, openSpan } from '#shared/telemetry/span.ts'
import { apply } from './apply.ts'
import { type AskedJobs, askHalving, isAway } from './ask-halving.ts'

export interface AskJobs extends Asking {
  readonly db: Db
  readonly log: Logger
  readonly random: () => number
}

export interface AskedOnce {
  /** Jobs that were asked about. */
  readonly asked: number
  /** Whether more may be due. */
  readonly more: boolean
  /** Tasks that waited for them. */
  readonly tasks: readonly string[]
  /** When there is room to ask about those that are due. null: none was left for want of room. */
  readonly until: Date | null
}

/**
 * Asks once about a batch of due jobs and applies the answers. Nothing waits in here: a job that is not ready is due again
 * later.
 */
export async function askOnce(deps: AskJobs, signal: AbortSignal): Promise<AskedOnce> {
  const { name, provider, window } = deps
  const size = Math.min(provider.batchSize, window.limit)
  const due = await countToAsk(deps.db, name, size)
  if (due === 0) return nothing
  const need = { units: provider.callsFor(due), windows: [window] }
  const reservation = await reserveQuota(deps.db, need, 'ad-hoc')
  if (!reservation.granted) return { ...nothing, until: reservation.opens_at }
  const jobs = await claimToAsk(deps.db, name, due)
  if (jobs.length === 0) return nothing
  const { answers, knowsAny, trouble } = await askAll(deps, jobs, signal)
  if (trouble !== undefined && !(trouble instanceof Stopped)) {
    deps.log.warn({ error: trouble, provider: name, jobs: jobs.length }, 'an ML provider could not be asked')
    const reserved = reservation.windows.at(-1)
    if (reserved && isAway(trouble)) await blockPool(deps.db, reserved, trouble.poolPauseMs)
    if (answers.size === 0) return { ...nothing, asked: jobs.length, tasks: await expireOverdue(deps, jobs) }
  }
  // What was not asked about is due again when its lease ends.
  const settled = jobs.flatMap((job) => {
    const answer = answers.get(job.provider_job_id)
    return answer ? [apply(job, answer, deps.random(), knowsAny)] : []
  })
  const tasks = await settle(deps, settled)
  tellFinal(jobs, settled)
  return { asked: jobs.length, more: jobs.length === size && trouble === undefined, tasks, until: null }
}

/** From another job on each time, so that one that always fails does not hold up the same others. */
function askAll(deps: AskJobs, jobs: readonly AskableJob[], signal: AbortSignal): Promise<AskedJobs> {
  const { provider, window } = deps
  const links = jobs.map((job) => job.traceparent)
  const spend = async (units: number) =>
    (await reserveQuota(deps.db, { units, windows: [window] }, 'ad-hoc')).granted
  return inSpan('ask', { links, attributes: { 'social_sync.jobs': jobs.length } }, () =>
    askHalving(
      { provider, spend, signal },
      turned(
        jobs.map((job) => job.provider_job_id),
        deps.random(),
      ),
    ),
  )
}

const turned = <T>(list: readonly T[], share: number): T[] => {
  const first = Math.floor(share * list.length)
  return [...list.slice(first), ...list.slice(0, first)]
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

const nothing: AskedOnce = { asked: 0, more: false, tasks: [], until: null }

/** A provider that is away does not keep a job past its deadline. */
function expireOverdue(deps: AskJobs, jobs: readonly AskableJob[]): Promise<string[]> {
  const overdue = jobs.filter((job) => job.overdue)
  return settle(
    deps,
    overdue.map((job) => apply(job, { state: 'pending', afterMs: undefined }, deps.random(), false)),
  )
}

/**
 * The batch in one transaction; if that fails, answer by answer, and a bad answer is parked with its body. A database in
 * trouble is no verdict on any answer: the jobs are asked about again.
 */
async function settle(deps: AskJobs, settled: readonly Settled[]): Promise<string[]> {
  try {
    return await settleJobs(deps.db, settled, deps.provider.idempotent)
  } catch (error) {
    if (isDatabaseTrouble(error)) throw error
    deps.log.warn(
      { error, jobs: settled.length },
      'a batch of ML answers could not be applied, going one by one',
    )
    const tasks = await pMap(settled, (one) => settleOne(deps, one), { concurrency: 1 })
    return tasks.flat()
  }
}

async function settleOne(deps: AskJobs, one: Settled): Promise<string[]> {
  const { idempotent } = deps.provider
  try {
    return await settleJobs(deps.db, [one], idempotent)
  } catch (error) {
    if (isDatabaseTrouble(error)) throw error
    deps.log.error({ error, ml_job_id: one.id }, 'an ML answer cannot be stored, the job is parked')
    const body = JSON.stringify(one.result ?? one.error)
      ?.slice(0, 4000)
      .toWellFormed()
    const parked = { code: 'unstorable', message: messageOf(error), body: body?.replaceAll('\\u0000', '') }
    return settleJobs(
      deps.db,
      [{ ...one, state: 'failed', result: null, finds: [], error: parked, parked: true, again: false }],
      idempotent,
    )
  }
}
