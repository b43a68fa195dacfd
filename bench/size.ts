import { runPoll } from '#functions/poll/run.ts'
import { runSubmit } from '#functions/submit/run.ts'
import { runTransform } from '#functions/transform/run.ts'
import { type ClaimedTask, claimDueTasks } from '#shared/db/operations/claim-tasks.ts'
import { probePoll } from '#shared/db/operations/probe-poll.ts'
import { deleteLeftJobs } from '#shared/db/operations/purge.ts'
import { purgePostMetrics, purgePosts, refreshContent } from '#shared/db/operations/retention.ts'
import type { Db } from '#shared/db/pool.ts'
import { raw, sql } from '#shared/db/sql.ts'
import { listMlJobs } from '#shared/db/views/ml-job-list.ts'
import { verify } from '#shared/db/views/verify.ts'
import type { MlProvider } from '#shared/ml/provider.ts'
import { openLogger } from '#shared/telemetry/logger.ts'
import { asking, planning, sendingTo } from '../tests/setup/ml.ts'
import { median, round, seconds } from './measure.ts'
import { doneWhenAskedTwice } from './ours.ts'
import { type BenchAccount, readPages } from './pages.ts'
import { keepAll } from './pipeline.ts'
import { type BenchServer, statement, withDb } from './server.ts'
import { accountId, generate, pointsPerPost, postId, postsPerAccount } from './size-world.ts'
import type { Report, SuiteOptions } from './suite.ts'

type Part = keyof typeof words
type Figures = Record<Part, number> & {
  readonly verify: number
  /** Invariants that 30 seconds did not suffice for. */
  readonly unchecked: number
  readonly posts: number
}

const words = {
  new: 'a page of new posts',
  sent: 'their ML jobs made and sent',
  listed: 'open ML jobs listed',
  completed: 'the jobs answered, their task finished',
  weighed: 'a page of posts that are weighed',
  recognised: 'a page of posts that are recognised',
  tick: 'an idle tick',
  history: 'history of 5,000 posts looked through by retention',
  content: '5,000 posts looked through by retention',
  jobs: '5,000 ML jobs looked through by retention',
} as const
const parts = Object.keys(words) as Part[]

/** What the parts cost as the tables grow. Throws when one of them but `verify` reads a whole table. */
export async function sizeSuite(server: BenchServer, options: SuiteOptions): Promise<Report> {
  const sizes = options.quick ? [1_000, 5_000] : [100_000, options.posts ?? 10_000_000]
  const figures: Figures[] = []
  for (const posts of sizes) {
    const { url, drop } = await server.database('bench_size')
    await withDb(url, 1, (db) => generate(db, posts, options.say))
    await statement(url, 'vacuum analyze')
    figures.push(await withDb(url, 1, (db) => measure(db, posts, options)))
    await drop()
  }
  const [small, large] = figures
  const times = (part: Part | 'verify') =>
    round((large?.[part] ?? Number.NaN) / (small?.[part] ?? Number.NaN))
  return {
    title: `Milliseconds as the tables grow, with ${pointsPerPost} points of history a post`,
    columns: ['what', ...figures.map(({ posts }) => `${posts.toLocaleString('en-US')} posts`), 'times'],
    rows: [
      ...parts.map((part) => [
        words[part],
        ...figures.map((one) => one[part].toFixed(1)),
        String(times(part)),
      ]),
      [
        'every invariant, for 1,000 posts',
        ...figures.map((one) => one.verify.toFixed(1)),
        String(times('verify')),
      ],
    ],
    notes: [
      'No part but the check of every invariant read a whole table of the larger size.',
      `Invariants that could not be checked in 30 seconds each: ${figures.map(({ unchecked }) => unchecked).join(' and ')}.`,
    ],
    json: Object.fromEntries([...parts, 'verify' as const].map((part) => [part, times(part)])),
  }
}

async function measure(db: Db, posts: number, options: SuiteOptions): Promise<Figures> {
  const template = (await readPages(100, undefined)).pages(false)[0]?.pages[0] ?? ''
  const accounts = posts / postsPerAccount
  const provider = doneWhenAskedTwice()
  const taken = Object.fromEntries(parts.map((part) => [part, [] as number[]])) as Record<Part, number[]>
  const take = async (part: Part, work: () => Promise<unknown>) =>
    taken[part].push(await timed(db, posts, work))
  for (let round = 0; round < (options.quick ? 3 : 15); round += 1) {
    // Spread over all accounts, so that no page is warm by the one before.
    const account = 1 + Math.floor(((round + 0.5) / 15) * accounts)
    const first = (account - 1) * postsPerAccount
    const [fresh, known] = [posts * 2 + round * 50, first].map(
      (from): BenchAccount => ({
        id: accountId(from === first ? account : accounts + 1 + round),
        pages: [pageOf(template, from)],
      }),
    ) as [BenchAccount, BenchAccount]
    const load = async (part: Part, page: BenchAccount) => {
      await keepAll(db, [page], await claimOne(db, page.id))
      await take(part, () => transformDue(db))
    }
    const after = String(first)
    await load('new', fresh)
    await take('sent', () => sendDue(db, provider))
    await take('listed', () => listMlJobs(db, { state: 'open' }, '0', 100))
    await makeDue(db)
    await askDue(db, provider)
    await makeDue(db)
    await take('completed', () => askDue(db, provider))
    await load('weighed', known)
    await load('recognised', known)
    await take('tick', () => probePoll(db))
    await take('history', () => purgePostMetrics(db, 'youtube', after, 5_000))
    await take('content', async () => {
      await refreshContent(db, after, 5_000)
      await purgePosts(db, after, 5_000)
    })
    await take('jobs', () => db.transaction((tx) => deleteLeftJobs(tx, after, 5_000)))
  }
  options.say(`size: every invariant of ${posts.toLocaleString('en-US')} posts`)
  // As the role of the functions has it.
  await db.rows(raw(`set statement_timeout = '30s'`))
  let unchecked = 0
  const checked = await seconds(async () => {
    const findings = await verify(db)
    const violated = findings.filter(({ count }) => count !== null)
    if (violated.length > 0) throw new Error(`violated: ${JSON.stringify(violated)}`)
    unchecked = findings.length
  })
  return {
    ...(Object.fromEntries(parts.map((part) => [part, median(taken[part])])) as Record<Part, number>),
    verify: (checked * 1_000) / (posts / 1_000),
    unchecked,
    posts,
  }
}

const transformDue = (db: Db) =>
  runTransform({ db, log, planning, pageAttempts: 5 }, { of: 'due' }, unstopped)

const log = openLogger({ level: 'error' })
const unstopped = new AbortController().signal
const random = () => 0

const sendDue = (db: Db, provider: MlProvider) => runSubmit({ db, random, ...sendingTo(provider) }, unstopped)

/** As if the time had come to ask about jobs. */
const makeDue = (db: Db) =>
  db.rows(sql`update ml_jobs set next_at = app_now() where status = 'submitted' and next_at < 'infinity'`)

const askDue = (db: Db, provider: MlProvider) =>
  runPoll({ db, log, random, ...asking(provider), askMs: 1_000 }, unstopped)

/** A new task of an account, which is made if need be. */
async function claimOne(db: Db, nativeId: string): Promise<Map<string, ClaimedTask>> {
  await db.rows(sql`
    insert into accounts (platform, native_id, access_mode, next_sync_at) values ('youtube', ${nativeId}, 'public_key', app_now() + interval '6 hours')
    on conflict do nothing`)
  await db.rows(sql`
    insert into sync_tasks (account_id, platform, lane, mode)
    select id, 'youtube', 'schedule', 'full' from accounts where platform = 'youtube' and native_id = ${nativeId}`)
  const claimed = await claimDueTasks(db, 'youtube', 'others', 10, 3_600)
  return new Map(claimed.map((task) => [task.native_id ?? '', task]))
}

/** Fifty videos with ids from that one on, each with a text and a cover of its own. */
function pageOf(template: string, from: number): string {
  const page = JSON.parse(template) as { items: { snippet: object }[] }
  const items = page.items.map((video, place) => {
    const id = postId(from + place + 1)
    const thumbnails = {
      high: { url: `https://i.ytimg.com/vi/${id}/hqdefault.jpg`, width: 480, height: 360 },
    }
    return { ...video, id, snippet: { ...video.snippet, title: `Post ${id}`, thumbnails } }
  })
  return JSON.stringify({ ...page, items })
}

/** Milliseconds. Throws when a table that is large was read whole; of small ones that may be the best plan. */
async function timed(db: Db, posts: number, work: () => Promise<unknown>): Promise<number> {
  const read = async () => {
    const [row] = await db.rows<{ rows: string }>(sql`
      select coalesce(sum(seq_tup_read), 0) as rows from pg_stat_user_tables where n_live_tup > 20000`)
    return Number(row?.rows ?? 0)
  }
  const before = await read()
  const ms = (await seconds(work)) * 1_000
  // Of this connection, which is the only one.
  await db.rows(sql`select pg_stat_force_next_flush()`)
  const whole = (await read()) - before
  if (posts >= 1_000_000 && whole > 20_000)
    throw new Error(`${whole} rows of large tables were read one after another`)
  return ms
}
