import { readPages } from './pages.ts'
import { connections, prepare, runPipeline } from './pipeline.ts'
import { type BenchServer, withDb } from './server.ts'
import type { Report, SuiteOptions } from './suite.ts'

/**
 * Prices in US dollars without tax, from the provider's public pages: functions and queue as of 2026, database hosts as
 * of about 2024. A month has 720 hours.
 */
const price = {
  gbHour: 0.0531147456,
  millionCalls: 0.1554917784,
  millionRings: 0.39008,
  vcpuHour: 0.02088,
  ramGbHour: 0.00408,
}
const free = { gbHours: 10, millionCalls: 1, millionRings: 0.1 }
const database = { vcpu: 2, ramGb: 8 }
const memoryGb = { extract: 0.25, transform: 0.25, poll: 0.25 }
/** Below 2 GB a function has a share of a core that follows its memory. */
const coreShare = memoryGb.transform / 2
/** Assumed time of one platform answer; it cannot be measured without a network. */
const answerS = 0.2
const asksPerJob = 12

/** What a million posts cost, from the CPU seconds measured here and the price list. */
export async function costSuite(server: BenchServer, options: SuiteOptions): Promise<Report> {
  options.say('cost')
  const source = await readPages(options.quick ? 2_000 : 10_000, options.dataset)
  const { url, drop } = await server.database('bench_cost')
  const cpuS = await withDb(url, connections, async (db) => {
    const accounts = source.pages(false)
    const tasks = await prepare(db, accounts)
    const before = process.cpuUsage()
    await runPipeline(db, accounts, tasks)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1e6
  })
  await drop()
  const transformS = cpuS / coreShare
  const bill = billOf((transformS * 1_000_000) / source.posts)
  return {
    title: 'A million posts read once with two ML jobs each, in US dollars',
    columns: ['what', 'amount', 'price', 'of it free a month'],
    rows: bill.rows,
    notes: [
      `transform: ${cpuS.toFixed(1)} s of CPU measured for ${source.posts.toLocaleString('en-US')} posts, at ${coreShare} of a core; what it waits for the database comes beside.`,
      `extract and ML: ${calls.toLocaleString('en-US')} calls and ${jobs.toLocaleString('en-US')} jobs, ${answerS} s an answer assumed, eight at once, ${asksPerJob} asks a job by a hundred.`,
      'What the ML provider and the platforms charge is not in it.',
    ],
    json: bill.json,
  }
}

/** Fifty posts a call, a listing and a lookup each. */
const calls = 2 * (1_000_000 / 50)
const jobs = 2_000_000
const atOnce = 8

/** GB-hours of each part, and what they cost with the calls and the queue. */
function billOf(transformS: number) {
  const hours = {
    extract: ((calls / atOnce) * answerS) / 3600,
    transform: transformS / 3600,
    poll: ((jobs / atOnce + (jobs / 100) * asksPerJob) * answerS) / 3600,
  }
  const parts = { extract: 'extract', transform: 'transform', poll: 'ML submit and ask' } as const
  const gbHoursOf = (part: keyof typeof hours) => hours[part] * memoryGb[part]
  const gbHours = gbHoursOf('extract') + gbHoursOf('transform') + gbHoursOf('poll')
  const rings = 1_000_000 / 50 / 10
  const invocations = 1_000_000 / 5_000 + 30 * 24 * 60
  const functions = gbHours * price.gbHour + (invocations / 1e6) * price.millionCalls
  const queue = (rings / 1e6) * price.millionRings
  const host = 720 * (database.vcpu * price.vcpuHour + database.ramGb * price.ramGbHour)
  const usd = (value: number) => `$ ${value.toFixed(2)}`
  return {
    rows: [
      ...(Object.keys(parts) as (keyof typeof parts)[]).map((part) => [
        parts[part],
        `${gbHoursOf(part).toFixed(2)} GB-hours`,
        usd(gbHoursOf(part) * price.gbHour),
        '',
      ]),
      [
        'all functions',
        `${gbHours.toFixed(2)} GB-hours, ${invocations.toFixed(0)} calls`,
        usd(functions),
        `${free.gbHours} GB-hours, ${free.millionCalls} M calls`,
      ],
      ['queue', `${rings.toFixed(0)} rings`, usd(queue), `${free.millionRings * 1e6} requests`],
      [
        'database',
        `${database.vcpu} vCPU, ${database.ramGb} GB, a month`,
        usd(host),
        'without disk and backups',
      ],
    ],
    json: { functions_usd: functions, queue_usd: queue, database_month_usd: host, gb_hours: gbHours },
  }
}
