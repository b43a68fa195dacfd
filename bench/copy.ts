import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { dump, load, type Written } from './copy-rows.ts'
import { median, round, seconds } from './measure.ts'
import { type BenchAccount, readPages } from './pages.ts'
import { connections, prepare, runPipeline } from './pipeline.ts'
import { type BenchServer, withDb } from './server.ts'
import type { Report, SuiteOptions } from './suite.ts'

const pagePlace = (column: string) =>
  `(${column} - (select min(id) from raw_pages where id > :pages))::float8 / (select count(*) + 1 from raw_pages where id > :pages)`
const postPlace = (column: string) => `${column}::float8 / (select max(id) + 1 from posts)`

const pageRows: Written[] = [
  { table: 'raw_pages', where: 't.id > :pages', place: pagePlace('t.id') },
  { table: 'raw_bodies', where: 't.raw_page_id > :pages', place: pagePlace('t.raw_page_id') },
]
const firstRows: Written[] = [
  ...pageRows,
  { table: 'posts', place: postPlace('t.id') },
  ...['post_latest', 'post_metrics', 'post_media', 'post_hashtags', 'post_mentions'].map((table) => ({
    table,
    place: postPlace('t.post_id'),
  })),
  { table: 'ml_plans', place: pagePlace('t.raw_page_id') },
]
const latestRows: Written = { table: 'post_latest', place: postPlace('t.post_id') }

/** Each run: its name, what the pages hold, and the rows it writes. */
const runs = [
  { name: 'first_load', changed: false, rows: firstRows, goal: 0.6 },
  { name: 'unchanged', changed: false, rows: [...pageRows, latestRows], goal: 1 },
  {
    name: 'changed',
    changed: true,
    rows: [
      ...pageRows,
      latestRows,
      { table: 'post_metrics', where: 't.observed_at >= :since', place: postPlace('t.post_id') },
    ],
    goal: 0.6,
  },
] as const

/** Pages in memory to committed rows, against COPY of the same rows. */
export async function copySuite(server: BenchServer, options: SuiteOptions): Promise<Report> {
  const source = await readPages(options.quick ? 5_000 : 50_000, options.dataset)
  const pages = { same: source.pages(false), changed: source.pages(true) }
  const figures = new Map<string, { ours: number; copy: number }[]>(runs.map(({ name }) => [name, []]))
  for (let repeat = 0; repeat < options.repeats; repeat += 1) {
    options.say(`copy, run ${repeat + 1} of ${options.repeats}`)
    await runOnce(server, pages, figures)
  }
  const loads = figures.get('first_load') ?? []
  const rows = runs.map(({ name, goal }) => {
    const measured = figures.get(name) ?? []
    const againstWhole = measured.map(({ ours }, index) => (loads[index]?.copy ?? 0) / ours)
    const againstOwn = measured.map(({ ours, copy }) => copy / ours)
    const posts = Math.round(source.posts / median(measured.map(({ ours }) => ours)))
    return { name, goal, whole: round(median(againstWhole)), own: round(median(againstOwn)), posts }
  })
  return {
    title: `Pages to rows against COPY: ${source.name}, ${source.posts.toLocaleString('en-US')} posts, ${connections} connections`,
    columns: ['run', 'COPY of its rows / ours', 'goal', 'COPY of the whole load / ours', 'posts a second'],
    rows: rows.map(({ name, whole, own, goal, posts }) => [
      name,
      own.toFixed(2),
      `≥ ${goal}`,
      whole.toFixed(2),
      posts.toLocaleString('en-US'),
    ]),
    json: Object.fromEntries(
      rows.flatMap(({ name, whole, own }) => [
        [name, own],
        [`${name}_against_whole_load`, whole],
      ]),
    ),
  }
}

async function runOnce(
  server: BenchServer,
  pages: { readonly same: readonly BenchAccount[]; readonly changed: readonly BenchAccount[] },
  figures: ReadonlyMap<string, { ours: number; copy: number }[]>,
): Promise<void> {
  const ours = await server.database('bench_ours')
  await withDb(ours.url, connections, async (db) => {
    for (const { name, changed, rows } of runs) {
      const accounts = changed ? pages.changed : pages.same
      const tasks = await prepare(db, accounts)
      const [before] = await db.rows<{ pages: string; now: Date }>(sql`
        select coalesce(max(id), 0) as pages, app_now() as now from raw_pages`)
      const oursS = await seconds(() => runPipeline(db, accounts, tasks))
      const findings = await verify(db)
      if (findings.length > 0) throw new Error(`the run left violations: ${JSON.stringify(findings)}`)
      const copyS = await copyTime(server, ours.url, rows, before?.pages ?? '0', before?.now ?? new Date())
      figures.get(name)?.push({ ours: oursS, copy: copyS })
    }
  })
  await ours.drop()
}

/** The same rows by COPY into a new database that holds what they refer to. */
async function copyTime(
  server: BenchServer,
  oursUrl: string,
  rows: readonly Written[],
  pagesBefore: string,
  since: Date,
): Promise<number> {
  const filled = (text: string) =>
    text.replaceAll(':pages', pagesBefore).replaceAll(':since', `'${since.toISOString()}'`)
  const written = rows.map(({ table, where = 'true', place }) => ({
    table,
    where: filled(where),
    place: filled(place),
  }))
  const batches = Math.max(
    1,
    Math.ceil((await withDb(oursUrl, 1, (db) => countPages(db, pagesBefore))) / 100),
  )
  const dumps = await dump(oursUrl, written, batches)
  const names = new Set(rows.map(({ table }) => table))
  const under = ['accounts', 'sync_tasks', ...(names.has('posts') ? [] : ['posts'])].map((table) => ({
    table,
    place: '0',
  }))
  const bound = await server.database('bench_copy')
  await load(bound.url, await dump(oursUrl, under, 1), 1)
  const time = await seconds(() => load(bound.url, dumps, connections))
  await bound.drop()
  return time
}

async function countPages(db: Parameters<typeof verify>[0], after: string): Promise<number> {
  const [row] = await db.rows<{ count: number }>(
    sql`select count(*)::int as count from raw_pages where id > ${after}::bigint`,
  )
  return row?.count ?? 0
}
