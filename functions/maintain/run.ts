import type { Post } from '#shared/alerts/post.ts'
import { type BodyStore, removeGivenUp } from '#shared/db/body-store.ts'
import { makePartitions, migrate } from '#shared/db/migrate.ts'
import { bringOver } from '#shared/db/operations/bring-over.ts'
import { countDays } from '#shared/db/operations/count-days.ts'
import { planRefresh } from '#shared/db/operations/due-metrics.ts'
import { lookForBrands } from '#shared/db/operations/look-for-brands.ts'
import { type Db, isConnectionLost } from '#shared/db/pool.ts'
import { isTaskDue, markTaskDone } from '#shared/db/tables/maintained.ts'
import { hasCopies, type KeepRule } from '#shared/db/tables/media-copies.ts'
import { indexAnnotations } from '#shared/db/tables/ml-finds.ts'
import { connectionsUsed, tableSpace } from '#shared/db/views/space.ts'
import { tokensEnding } from '#shared/db/views/tokens-ending.ts'
import { type Finding, verify } from '#shared/db/views/verify.ts'
import type { Bucket } from '#shared/media/bucket.ts'
import { findsOf } from '#shared/ml/finds.ts'
import type { Spare } from '#shared/model/credential.ts'
import type { Logger } from '#shared/telemetry/logger.ts'
import { count, gauge } from '#shared/telemetry/metrics.ts'
import { within } from '#shared/within.ts'
import { type Alerted, alert } from './alert.ts'
import { deleteLeft } from './deletions.ts'
import { removeCopies } from './remove-copies.ts'
import { type Renewal, renewTokens, warnOfEnding } from './renew.ts'
import { sweep } from './sweep.ts'

/** All that keeping the database in order takes, put together once. */
export interface MaintainDeps {
  readonly db: Db
  readonly bodies: BodyStore
  readonly log: Logger
  readonly spare: Spare
  /** Opens the data key of the tokens. null: there is none, and no tokens to renew. */
  readonly dataKey: (() => Promise<Buffer>) | null
  readonly renewals: readonly Renewal[]
  /** Numbers of posts younger than that are planned to be asked for again. */
  readonly refreshDays: number
  /** In which a day of numbers by day begins. */
  readonly timeZone: string
  readonly post: Post
  /** Where the console is. undefined: the settings do not say. */
  readonly publicUrl: string | undefined
  /** Where copies of pictures are, also when none are made any more; absent: the settings name none. */
  readonly bucket?: Bucket | undefined
  readonly keepRules: readonly KeepRule[]
  /** Time for all of it: what comes first leaves some to the rest. */
  readonly budgetMs: number
}

export interface MaintainOutcome {
  /** Migrations applied. */
  readonly applied: readonly string[]
  /** ML jobs and results moved to the form of this release. */
  readonly broughtOver: number
  readonly partitions: number
  /** Tokens renewed. */
  readonly refreshed: number
  /** Tasks made to refresh numbers. */
  readonly planned: number
  /** Parts of the history of numbers that were counted by day. */
  readonly daysCounted: number
  /** Alerts noticed, and messages sent. null: that failed. */
  readonly alerted: Alerted | null
  /** What the nightly sweep did, by part; null: it was not due. */
  readonly swept: Readonly<Record<string, number>> | null
  /**
   * Invariants that are violated, or that there was no time to check; empty: all hold, or no check was due.
   */
  readonly findings: readonly Finding[]
}

/** Invariants are checked about once a day, and by a call that brought the schema forward. */
const verifyEveryHours = 20

/**
 * Brings the schema forward, makes partitions ahead, renews tokens that end soon, plans which numbers are asked for again, looks
 * for new brands in what is on record, and about once a day deletes what is kept long enough and checks every invariant of the ledger.
 */
export async function runMaintain(deps: MaintainDeps, signal: AbortSignal): Promise<MaintainOutcome> {
  const since = performance.now()
  const until = (share: number) => deps.budgetMs * share - (performance.now() - since)
  let kept: Kept | undefined
  let alerted: Alerted | null = null
  try {
    kept = await keepInOrder(deps, until, signal)
  } finally {
    // Alerts matter most when something else fails.
    alerted = await within(until(0.98), signal, (share) =>
      orLog(deps.log, 'alerts could not be sent', () => alert(deps, kept?.findings ?? null, share)),
    )
  }
  return { ...kept, alerted, findings: kept.findings ?? [] }
}

type Kept = Omit<MaintainOutcome, 'alerted' | 'findings'> & { readonly findings: readonly Finding[] | null }

/** All but alerts. @param until milliseconds until a share of the time is used */
async function keepInOrder(
  deps: MaintainDeps,
  until: (share: number) => number,
  signal: AbortSignal,
): Promise<Kept> {
  const { db, bodies, log } = deps
  const applied = await migrate(db)
  const partitions = await makePartitions(db)
  const refreshed = await within(until(0.5), signal, (share) =>
    orLog(log, 'tokens could not be refreshed', () => renewAll(deps, share)),
  )
  await within(until(0.52), signal, (share) => deleteLeft(deps, share))
  await orLog(log, 'numbers of the database could not be recorded', () => recordGauges(db))
  const planned = await planRefreshes(db, deps.refreshDays)
  const broughtOver = await within(until(0.6), signal, (share) => bringOver(db, share))
  const indexed = await within(until(0.61), signal, (share) =>
    orLog(log, 'results of earlier releases could not be brought into ml_finds', () =>
      indexAnnotations(db, findsOf, share),
    ),
  )
  await within(until(0.65), signal, (share) => lookForBrands(db, share))
  const daysCounted = await within(until(0.67), signal, (share) =>
    orLog(log, 'numbers could not be counted by day', () => countDays(db, deps.timeZone, share)),
  )
  await within(until(0.69), signal, (share) =>
    orLog(log, 'copies of pictures could not be removed', () => removeOld(deps, share)),
  )
  const swept = await within(until(0.7), signal, (share) => sweep({ db, bodies, log }, share))
  await within(until(0.75), signal, (share) => removeGivenUp({ db, bodies, log }, share))
  const isDue = await isTaskDue(db, 'verify', verifyEveryHours)
  const findings = isDue || applied.length > 0 ? await checkLedger(deps, isDue, signal) : null
  return {
    ...{ applied, partitions, planned, swept, findings },
    broughtOver: broughtOver + (indexed ?? 0),
    refreshed: refreshed ?? 0,
    daysCounted: daysCounted ?? 0,
  }
}

/** Work that holds up no other: what fails is logged, and tried again with the next call. null: it failed. */
async function orLog<T>(log: Logger, failure: string, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    if (isConnectionLost(error)) throw error
    log.error({ error }, `${failure}; tried again with the next call`)
    return null
  }
}

/** What changes slowly, and need not be looked at more often. */
async function recordGauges(db: Db): Promise<void> {
  for (const { platform, count } of await tokensEnding(db))
    gauge('social_sync.tokens.ending', count, { 'social_sync.platform': platform })
  for (const { table, bytes, dead } of await tableSpace(db)) {
    gauge('social_sync.db.size', bytes, { 'db.collection.name': table })
    gauge('social_sync.db.dead', dead, { 'db.collection.name': table })
  }
  gauge('social_sync.db.connections', await connectionsUsed(db))
}

async function checkLedger(
  { db, log }: MaintainDeps,
  isDue: boolean,
  signal: AbortSignal,
): Promise<Finding[]> {
  const findings = await verify(db, signal)
  for (const finding of findings.filter(({ count }) => count !== null)) noteFinding(log, finding)
  const unchecked = findings.flatMap(({ name, count }) => (count === null ? [name] : []))
  if (isDue && unchecked.length === 0) await markTaskDone(db, 'verify')
  if (unchecked.length > 0) log.warn({ unchecked }, 'there was no time to check these invariants')
  return findings
}

function noteFinding(log: Logger, finding: Finding): void {
  log.error({ finding }, 'an invariant of the ledger is violated')
  count('social_sync.findings', 1, { 'social_sync.invariant': finding.name })
}

async function removeOld({ db, log, bucket, keepRules }: MaintainDeps, signal: AbortSignal): Promise<void> {
  if (bucket) await removeCopies({ db, bucket, keepRules }, signal)
  else if (await hasCopies(db))
    log.error(
      {},
      'copies of pictures are left in a bucket: set MEDIA_BUCKET and its keys, and they are removed',
    )
}

/** Posts of a week move fast and are few; the many older ones are looked through four times a day. */
async function planRefreshes(db: Db, youngerThanDays: number): Promise<number> {
  if (youngerThanDays === 0) return 0
  const all = await isTaskDue(db, 'refresh', 6)
  const planned = await planRefresh(db, all ? youngerThanDays : Math.min(7, youngerThanDays))
  if (all) await markTaskDone(db, 'refresh')
  return planned
}

async function renewAll(
  { db, log, spare, dataKey, renewals }: MaintainDeps,
  signal: AbortSignal,
): Promise<number> {
  if (!dataKey) return 0
  const renewing = { db, log, spare, key: await dataKey() }
  await warnOfEnding(renewing)
  let renewed = 0
  for (const renewal of renewals) renewed += await renewTokens(renewing, renewal, signal)
  return renewed
}
