import { setTimeout as after } from 'node:timers/promises'
import pMap from 'p-map'
import pg from 'pg'
import { takeInHand } from '#functions/extract/hand.ts'
import { keep } from '#functions/extract/keep.ts'
import { runPoll } from '#functions/poll/run.ts'
import { runSubmit } from '#functions/submit/run.ts'
import { runTransform } from '#functions/transform/run.ts'
import { inPostgres } from '#shared/db/body-store.ts'
import type { ClaimedTask } from '#shared/db/operations/claim-tasks.ts'
import type { Db } from '#shared/db/pool.ts'
import { raw, sql } from '#shared/db/sql.ts'
import { claimToAsk, settleJobs } from '#shared/db/tables/ml-jobs/answered.ts'
import type { MlProvider } from '#shared/ml/provider.ts'
import { openLogger } from '#shared/telemetry/logger.ts'
import type { WorldClock } from '../local/world-clock.ts'
import { asking, planning, sendingTo } from '../tests/setup/ml.ts'
import { type BenchAccount, readPages } from './pages.ts'

/** The work of the comparison: so many pages of fifty posts, and so many ML jobs in all. */
export const work = { pages: 20, jobs: 50 }

/** Calls of Client.query in this process. */
export const statements = { count: 0 }
const query = pg.Client.prototype.query
pg.Client.prototype.query = function counted(this: pg.Client, ...args: never[]) {
  statements.count += 1
  return (query as (...given: never[]) => unknown).apply(this, args)
} as typeof query

/** Twenty accounts with a page each; only so many posts have a text that ML is asked about, none has a picture. */
export async function pagesOfWork(): Promise<BenchAccount[]> {
  const source = (await readPages(work.pages * 100, undefined)).pages(false)
  let texts = work.jobs
  const quiet = (video: { snippet: object }) => {
    texts -= 1
    const text = texts >= 0 ? { title: `text ${texts}`, description: '' } : { title: '', description: '' }
    return { ...video, snippet: { ...video.snippet, ...text, thumbnails: {} } }
  }
  return source.map(({ id, pages }) => {
    const page = JSON.parse(pages[0] ?? '{}') as { items: { snippet: object }[] }
    return { id, pages: [JSON.stringify({ ...page, items: page.items.map(quiet) })] }
  })
}

/** Fetches the pages, five milliseconds each, and keeps them. */
export async function keepPages(
  db: Db,
  accounts: readonly BenchAccount[],
  tasks: ReadonlyMap<string, ClaimedTask>,
): Promise<void> {
  const deps = { db, leaseS: 90, platform: 'youtube', bodies: inPostgres, kept: { pages: 0 } } as const
  await pMap(
    accounts,
    async ({ id, pages }) => {
      const task = tasks.get(id)
      if (!task) throw new Error(`no task for ${id}`)
      await after(5)
      const hand = takeInHand({ ...task, token: null })
      const cursor = { ...hand.cursor, profile: true, lookups: 1, ended: 'platform' as const }
      const body = pages[0] ?? ''
      await keep(deps, [
        { hand, cursor, endpoint: 'videos', page_no: 1, body, asked: null, answeredAt: performance.now() },
      ])
    },
    { concurrency: 8 },
  )
}

/** Pending when it is asked about first, done from then on; no call leaves the process. */
export function doneWhenAskedTwice(): MlProvider {
  const asked = new Set<string>()
  return {
    idempotent: true,
    batchSize: 100,
    learnSize: () => undefined,
    callsFor: () => 1,
    isUp: async () => true,
    submit: async ({ key }) => ({ jobId: key, afterMs: undefined }),
    ask: async (ids) =>
      new Map(
        ids.map((id) => {
          const done = asked.has(id)
          asked.add(id)
          return [
            id,
            done
              ? { state: 'done', result: { items: [] }, modelVersion: 'm@1' }
              : { state: 'pending', afterMs: undefined },
          ]
        }),
      ),
  }
}

/** What is left after pages were kept: transform, submit, ask twice with the waiting skipped, complete. */
export async function completeAll(db: Db, clock: WorldClock): Promise<void> {
  const log = openLogger({ level: 'error' })
  const random = () => 0
  const ml = doneWhenAskedTwice()
  await runTransform({ db, log, planning, pageAttempts: 5 }, { of: 'due' }, unstopped)
  await runSubmit({ db, random, ...sendingTo(ml, { perMinute: 6_000 }) }, unstopped)
  for (let round = 0; round < 2; round += 1) {
    await clock.jumpTo(new Date(clock.now().getTime() + 120_000))
    await runPoll({ db, log, random, ...asking(ml), askMs: 1_000 }, unstopped)
  }
}

const unstopped = new AbortController().signal

/** Jobs claimed and completed a second by two workers, 1,000 at once, each with its result; the jobs are there before. */
export async function throughput(db: Db, count: number): Promise<number> {
  await db.rows(
    raw(`insert into ml_jobs (content_key, kind, model, status, provider_job_id, submitted_at)
    select md5(n::text)::uuid, 'text', 'm', 'submitted', 'j' || n, app_now() from generate_series(1, ${count}) n`),
  )
  // As the server itself does within a minute.
  await db.rows(raw('analyze ml_jobs'))
  const since = performance.now()
  await Promise.all([completeDue(db), completeDue(db)])
  return count / ((performance.now() - since) / 1000)
}

async function completeDue(db: Db): Promise<void> {
  const done = {
    after_ms: 0,
    error: null,
    parked: false,
    again: false,
    again_after_ms: 0,
    unknown: false,
    doubted: false,
    model_version: 'm@1',
    result: { items: [] },
    finds: [],
  }
  for (;;) {
    const jobs = await claimToAsk(db, 'ml', 1_000)
    if (jobs.length === 0) return
    await settleJobs(
      db,
      jobs.map(({ id, claim_token }) => ({ ...done, id, claim_token, state: 'done' as const })),
      true,
    )
  }
}

/** Seconds until the ledger gives out again what a dead process held. */
export async function leaseLeft(db: Db): Promise<number> {
  const [row] = await db.rows<{ left: number }>(sql`
    select extract(epoch from max(retry_at) - app_now())::float8 as left from raw_pages where status = 'stored'`)
  return row?.left ?? 0
}
