import { countDays } from '#shared/db/operations/count-days.ts'
import type { Db } from '#shared/db/pool.ts'
import { raw, sql } from '#shared/db/sql.ts'
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
  const asked = await withDb(url, 1, (db) => ask(db, options))
  await drop()
  return {
    title: `Questions of docs/ANALYTICS.md over ${posts.toLocaleString('en-US')} posts with ${rows.toLocaleString('en-US')} rows of history`,
    columns: ['question', 'ms', 'rows'],
    rows: asked.map(({ title, ms, found }) => [title, ms.toFixed(0), String(found)]),
    notes: [
      `All days were counted in ${counted?.toFixed(0)} s, once; after answers about one account those of today in ${again?.toFixed(1)} s.`,
      ...asked.map(({ title, plan }) => `\n${title}\n${plan}`),
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

/** As a call of maintain finds it half an hour later, when one account was read: today is summed for all. */
async function countOneAccount(db: Db): Promise<number> {
  await db.rows(sql`
    update report_settings set settled_to = app_now() - interval '1 minute'`)
  await db.rows(sql`update raw_pages set settled_at = app_now() where id = (select max(id) from raw_pages)`)
  return seconds(() => countDays(db, 'UTC', unstopped))
}

async function ask(db: Db, { repeats, say }: SuiteOptions) {
  const asked: { title: string; ms: number; found: number; plan: string }[] = []
  for (const { title, text } of questions) {
    say(`report: ${title}`)
    const question = raw(text.trim().replace(/;$/, ''))
    const times: number[] = []
    let found = 0
    for (let round = 0; round < Math.max(3, repeats); round += 1)
      times.push(
        await seconds(async () => {
          found = (await db.rows(question)).length
        }),
      )
    const plan = await db.rows<{ 'QUERY PLAN': string }>(
      sql`explain (analyze, costs off, timing off, summary off) ${question}`,
    )
    asked.push({
      title,
      ms: median(times) * 1_000,
      found,
      plan: plan.map((line) => line['QUERY PLAN']).join('\n'),
    })
  }
  return asked
}
