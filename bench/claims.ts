import type { Db } from '#shared/db/pool.ts'
import { raw, sql } from '#shared/db/sql.ts'
import { claimToAsk, isToAsk } from '#shared/db/tables/ml-jobs/answered.ts'
import { median, round, seconds } from './measure.ts'
import { type BenchServer, withDb } from './server.ts'
import type { Report, SuiteOptions } from './suite.ts'

const claimed = 500
const rounds = 20

/** Claims of 500 due ML jobs among many pending ones, before and after rounds without vacuum. */
export async function claimsSuite(server: BenchServer, options: SuiteOptions): Promise<Report> {
  const sizes = options.quick ? [1_000, 10_000] : [10_000, 200_000, 1_000_000]
  const figures: Figure[] = []
  for (const size of sizes) {
    options.say(`claims among ${size.toLocaleString('en-US')}`)
    const { url, drop } = await server.database('bench_claims')
    figures.push(await withDb(url, 2, (db) => measure(db, size, options.repeats)))
    await drop()
  }
  return {
    title: `Claim of ${claimed} due ML jobs among pending ones, through the partial index`,
    columns: [
      'pending',
      'ms',
      `ms after ${rounds} rounds without vacuum`,
      'rows read',
      'blocks read',
      'blocks after',
    ],
    rows: figures.map(({ size, fresh, worn }) => [
      size.toLocaleString('en-US'),
      fresh.ms.toFixed(1),
      worn.ms.toFixed(1),
      fresh.rows.toLocaleString('en-US'),
      fresh.blocks.toLocaleString('en-US'),
      worn.blocks.toLocaleString('en-US'),
    ]),
    json: Object.fromEntries(figures.map(({ size, fresh, worn }) => [String(size), { fresh, worn }])),
  }
}

interface Claim {
  readonly ms: number
  /** Rows the scan gave to the claim: due ones only. */
  readonly rows: number
  readonly blocks: number
}
interface Figure {
  readonly size: number
  readonly fresh: Claim
  readonly worn: Claim
}

async function measure(db: Db, size: number, repeats: number): Promise<Figure> {
  await db.rows(raw('alter table ml_jobs set (autovacuum_enabled = false)'))
  await db.rows(sql`
    insert into ml_jobs (content_key, kind, model, status, provider_job_id, submitted_at, deadline_at, next_at)
    select md5(n::text)::uuid, 'text', 'm', 'submitted', 'j' || n, app_now(), app_now() + interval '7 days',
      app_now() + interval '1 hour' + n * interval '1 millisecond'
    from generate_series(1, ${size}::int) n`)
  await db.rows(raw('vacuum analyze ml_jobs'))
  const fresh = await claims(db, repeats)
  for (let round = 0; round < rounds; round += 1) {
    await makeDue(db)
    await claimToAsk(db, 'ml', claimed)
  }
  return { size, fresh, worn: await claims(db, repeats) }
}

/** Other jobs each time, so that versions left behind pile up in the index. */
async function makeDue(db: Db): Promise<void> {
  await db.rows(sql`
    update ml_jobs set next_at = app_now() - interval '1 second' - random() * interval '1 minute' where id in (
      select id from ml_jobs where next_at > app_now() order by next_at desc limit ${claimed})`)
}

async function claims(db: Db, repeats: number): Promise<Claim> {
  const times: number[] = []
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    await makeDue(db)
    times.push(
      await seconds(async () => {
        const jobs = await claimToAsk(db, 'ml', claimed)
        if (jobs.length !== claimed) throw new Error(`${jobs.length} jobs were claimed`)
      }),
    )
  }
  await makeDue(db)
  return { ms: round(median(times) * 1000, 1), ...(await scan(db)) }
}

interface Plan {
  readonly 'Node Type': string
  readonly 'Actual Rows': number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Shared Hit Blocks': number
  readonly 'Shared Read Blocks': number
  readonly Plans?: readonly Plan[]
}

/** What the scan of the claim reads. */
async function scan(db: Db): Promise<{ rows: number; blocks: number }> {
  const [row] = await db.rows<{ 'QUERY PLAN': string }>(sql`
    explain (analyze, buffers, format json)
    select id from ml_jobs where provider = 'ml' and ${isToAsk} order by next_at, id limit ${raw(String(claimed))}`)
  const [{ Plan: plan }] = JSON.parse(row?.['QUERY PLAN'] ?? '[]') as [{ Plan: Plan }]
  const leaf = leafOf(plan)
  if (!leaf['Node Type'].startsWith('Index')) throw new Error(`the claim is a ${leaf['Node Type']}`)
  return {
    rows: leaf['Actual Rows'] + (leaf['Rows Removed by Filter'] ?? 0),
    blocks: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
  }
}

const leafOf = (plan: Plan): Plan => (plan.Plans?.[0] ? leafOf(plan.Plans[0]) : plan)
