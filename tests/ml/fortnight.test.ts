import { expect, inject, test } from 'vitest'
import { runPoll } from '#functions/poll/run.ts'
import { runSubmit } from '#functions/submit/run.ts'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { planContents } from '#shared/db/tables/ml-plans.ts'
import { verify } from '#shared/db/views/verify.ts'
import { openLogger } from '#shared/telemetry/logger.ts'
import { openTestDatabase } from '../setup/database.ts'
import { asking, sendingTo } from '../setup/ml.ts'
import { unstopped } from '../setup/signal.ts'
import { day, hour, minute, slowProvider } from './slow-provider.ts'

const perPage = 50
const tickMs = 5 * minute

/** So many posts with a text of their own, planned by a page for each fifty, each page of a task of its own. */
async function plan(db: Db, posts: number): Promise<void> {
  const pages = posts / perPage
  await db.rows(sql`
    insert into accounts (platform, native_id, access_mode, next_sync_at)
    select 'youtube', 'UC' || n, 'public_key', app_now() + interval '25 days' from generate_series(1, ${pages}::int) n`)
  await db.rows(sql`
    insert into sync_tasks (account_id, platform, lane, mode, status, walk_outcome, walk_ended_at)
    select id, 'youtube', 'schedule', 'full', 'enriching', 'whole', app_now() from accounts order by id`)
  await db.rows(sql`
    insert into posts (account_id, platform, native_id, published_at, title, text_key)
    select 1 + (n - 1) / ${perPage}::int, 'youtube', 'v' || n, app_now(), 'text ' || n, md5(n::text)::uuid
    from generate_series(1, ${posts}::int) n order by n`)
  await db.rows(sql`insert into post_latest (post_id, observed_at) select id, app_now() from posts`)
  const rows = await db.rows<{ id: string; account_id: string; text_key: string }>(
    sql`select id, account_id, text_key from posts order by id`,
  )
  await db.transaction((tx) =>
    planContents(
      tx,
      rows.map(({ id, account_id, text_key }) => ({
        ...{ raw_page_id: account_id, sync_task_id: account_id },
        ...{ post_id: id, content_key: text_key, kind: 'text' as const },
      })),
    ),
  )
}

test('jobs of a minute to nine days all end, through outages, lost answers, and jobs that are forgotten and found again', {
  timeout: 400_000,
}, async () => {
  const { db, clock } = await openTestDatabase()
  const posts = inject('isFull') ? 10_000 : 150
  await plan(db, posts)
  await db.rows(sql`analyze`)
  const outages = [
    [2 * day, 2 * day + 6 * hour],
    [5 * day, 5 * day + 26 * hour],
  ] as const
  const { provider, accepted, doneAt } = slowProvider(() => clock.now(), outages)
  const log = openLogger({ level: 'fatal' })
  const deps = { db, log, random: () => 0.5 }
  const start = clock.now().getTime()
  const isOpen = async () => {
    const [found] = await db.rows<{ at: Date | null; tasks: number }>(sql`
        select least((select min(next_at) from ml_jobs where status in ('planned', 'submitting', 'submitted')),
          (select min(created_at) from ml_plans)) as at,
          (select count(*)::int from sync_tasks where status = 'enriching') as tasks`)
    return found
  }
  for (;;) {
    const open = await isOpen()
    if (!open?.at || open.tasks === 0) break
    expect(clock.now().getTime() - start).toBeLessThan(20 * day)
    // Ticks are five minutes apart; those that would find nothing are left out.
    const ticks = Math.max(1, Math.ceil((open.at.getTime() - clock.now().getTime()) / tickMs))
    await clock.jumpTo(new Date(clock.now().getTime() + ticks * tickMs))
    // Two at once now and then: what one holds the other leaves alone.
    const calls = ticks % 3 === 0 ? 2 : 1
    await Promise.all(
      Array.from({ length: calls }, () =>
        runPoll({ ...deps, ...asking(provider), askMs: 60_000 }, unstopped),
      ),
    )
    await runSubmit({ ...deps, ...sendingTo(provider) }, unstopped)
  }
  expect(await db.rows(sql`select distinct status from sync_tasks`)).toEqual([{ status: 'done' }])
  expect(await db.rows(sql`select count(*)::int as left from ml_plans`)).toEqual([{ left: 0 }])

  const jobs = await db.rows<{
    status: string
    attempt_no: number
    asks: number
    provider_job_id: string
    submitted_at: Date
    finished_at: Date
    resubmitted: boolean
  }>(
    sql`select status, attempt_no, asks, provider_job_id, submitted_at, finished_at, resubmitted from ml_jobs`,
  )
  expect(jobs.length).toBeGreaterThanOrEqual(posts)
  // Once per content, but for what was forgotten, thrown away, or failed in a way worth another try.
  expect(new Set(accepted).size).toBeGreaterThanOrEqual(posts)
  expect(accepted.length).toBeLessThan(posts * 1.12)
  const calm = jobs.filter(
    ({ status, resubmitted, attempt_no }) => status === 'done' && !resubmitted && attempt_no === 1,
  )
  expect(calm.length).toBeGreaterThan(posts * 0.85)
  for (const job of calm) {
    const [done, seen, began] = [
      doneAt(job.provider_job_id),
      job.finished_at.getTime(),
      job.submitted_at.getTime(),
    ]
    const isOutage = outages.some(([from, to]) => done - start < to + 4 * hour && seen - start > from)
    const lag = seen - done
    if (!isOutage && done - began < 7 * day)
      expect(lag, job.provider_job_id).toBeLessThanOrEqual(
        Math.max((done - began) * 0.12, 2 * tickMs) + 2 * tickMs,
      )
    const metOutage = outages.some(([from, to]) => began - start < to && seen - start > from)
    if (!metOutage && done - began <= 3 * day) expect(job.asks).toBeLessThanOrEqual(90)
  }
  const [twice] = await db.rows<{ most: number }>(sql`
      select max(n)::int as most from (select count(*) as n from annotations group by content_key) a`)
  expect(twice?.most).toBe(1)
  expect(await verify(db)).toEqual([])
})
