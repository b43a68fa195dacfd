import { countDays } from '#shared/db/operations/count-days.ts'
import type { Db } from '#shared/db/pool.ts'
import { raw, sql } from '#shared/db/sql.ts'
import { accountNumbers } from '#shared/db/views/numbers/accounts.ts'
import { brandNumbers } from '#shared/db/views/numbers/brands.ts'
import { mentionsOf } from '#shared/db/views/numbers/mentions.ts'
import { bestPosts } from '#shared/db/views/numbers/posts.ts'
import { median, seconds } from './measure.ts'
import { questions } from './questions.ts'
import { generateReportWorld } from './report-world.ts'
import { type BenchServer, statement, withDb } from './server.ts'
import type { Report, SuiteOptions } from './suite.ts'

const unstopped = new AbortController().signal

/** What questions over all that is on record take, with their plans, and what it takes to count the days they are asked of. */
export async function reportSuite(server: BenchServer, options: SuiteOptions): Promise<Report> {
  const posts = options.quick ? 10_000 : (options.posts ?? 1_000_000)
  const days = options.quick ? 5 : 50
  const { url, drop } = await server.database('bench_report')
  await withDb(url, 1, (db) =>
    generateReportWorld(db, { posts, postsPerAccount: options.quick ? 100 : 1_000, days }, options.say),
  )
  await statement(url, 'vacuum analyze')
  const [rows = 0, counted, again] = await withDb(url, 1, async (db) => {
    options.say('report: days are counted')
    const all = await seconds(() => countDays(db, 'UTC', unstopped))
    return [await count(db), all, await countOneAccount(db)]
  })
  await statement(url, 'vacuum analyze')
  const asked = await withDb(url, 1, async (db) => [
    ...(await ask(db, options)),
    ...(await askPages(db, options)),
  ])
  await drop()
  return {
    title: `Questions of docs/ANALYTICS.md over ${posts.toLocaleString('en-US')} posts with ${rows.toLocaleString('en-US')} rows of history`,
    columns: ['question', 'ms', 'rows'],
    rows: asked.map(({ title, ms, found }) => [title, ms.toFixed(0), String(found)]),
    notes: [
      `All days were counted in ${counted?.toFixed(0)} s, once; after answers about one account those of today in ${again?.toFixed(1)} s.`,
      ...asked.flatMap(({ title, plan }) => (plan ? [`\n${title}\n${plan}`] : [])),
    ],
    json: {
      counted_s: counted,
      again_s: again,
      ms: Object.fromEntries(asked.map(({ title, ms }) => [title, ms])),
    },
  }
}

async function count(db: Db): Promise<number> {
  // Of a table that was just analysed, near enough.
  const [row] = await db.rows<{ rows: number }>(sql`
    select sum(reltuples)::float8 as rows from pg_class where oid in (select inhrelid from pg_inherits where inhparent = 'post_metrics'::regclass)`)
  return Math.round(row?.rows ?? 0)
}

/** As a call of maintain finds it ten minutes later, when one account was read: today is summed for all. */
async function countOneAccount(db: Db): Promise<number> {
  await db.rows(sql`
    update report_settings set settled_to = app_now() - interval '1 minute'`)
  await db.rows(
    sql`update raw_pages set settled_at = app_now() where id = (select id from raw_pages order by fetched_at desc limit 1)`,
  )
  return seconds(() => countDays(db, 'UTC', unstopped))
}

interface Asked {
  readonly title: string
  readonly ms: number
  readonly found: number
  /** null: it is asked by several statements. */
  readonly plan: string | null
}

const range = { days: 28, reach: null }
const by = (name: string) => ({ by: name, isDescending: true })

/** What the pages of the console ask first. */
const pages: Readonly<Record<string, (db: Db) => Promise<readonly object[]>>> = {
  'Console: brands by followers': (db) => brandNumbers(db, range, by('followers'), 50),
  'Console: accounts by growth': (db) => accountNumbers(db, range, by('followers_gained'), 50),
  'Console: the best posts of a brand': (db) =>
    bestPosts(db, { ...range, brand: 'Aurora Runners' }, by('engagement_rate'), 5),
  'Console: the best posts of all': (db) => bestPosts(db, range, by('engagement_rate'), 50),
  'Console: mentions of a brand': (db) =>
    mentionsOf(db, { ...range, brand_id: '1', own: false }, undefined, 50),
}

async function askPages(db: Db, options: SuiteOptions): Promise<Asked[]> {
  const asked: Asked[] = []
  for (const [title, page] of Object.entries(pages))
    asked.push({ title, plan: null, ...(await times(options, () => page(db))) })
  return asked
}

async function times({ repeats }: SuiteOptions, work: () => Promise<readonly object[]>) {
  const taken: number[] = []
  let found = 0
  for (let round = 0; round < Math.max(3, repeats); round += 1)
    taken.push(
      await seconds(async () => {
        found = (await work()).length
      }),
    )
  return { ms: median(taken) * 1_000, found }
}

async function ask(db: Db, options: SuiteOptions): Promise<Asked[]> {
  const asked: Asked[] = []
  for (const { title, text } of questions) {
    options.say(`report: ${title}`)
    const question = raw(text.trim().replace(/;$/, ''))
    const figures = await times(options, () => db.rows(question))
    const plan = await db.rows<{ 'QUERY PLAN': string }>(
      sql`explain (analyze, costs off, timing off, summary off) ${question}`,
    )
    asked.push({ title, ...figures, plan: plan.map((line) => line['QUERY PLAN']).join('\n') })
  }
  return asked
}
