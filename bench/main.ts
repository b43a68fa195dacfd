import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { table } from 'table'
import { adHocSuite } from './ad-hoc.ts'
import { bundlesSuite } from './bundles.ts'
import { claimsSuite } from './claims.ts'
import { copySuite } from './copy.ts'
import { costSuite } from './cost.ts'
import { daysSuite } from './days.ts'
import { driversSuite } from './drivers.ts'
import { growthSuite } from './growth.ts'
import { memorySuite } from './memory.ts'
import { peersSuite } from './peers.ts'
import { queueSuite } from './queue.ts'
import { reportSuite } from './report.ts'
import { crossingSuite, scaleSuite } from './scale.ts'
import { type BenchServer, openServer } from './server.ts'
import { sizeSuite } from './size.ts'
import { storesSuite } from './stores.ts'
import type { Report, SuiteOptions } from './suite.ts'

const suites: Readonly<Record<string, (server: BenchServer, options: SuiteOptions) => Promise<Report>>> = {
  peers: peersSuite,
  copy: copySuite,
  queue: queueSuite,
  claims: claimsSuite,
  bundles: bundlesSuite,
  growth: growthSuite,
  cost: costSuite,
  memory: memorySuite,
  size: sizeSuite,
  report: reportSuite,
  days: daysSuite,
  drivers: driversSuite,
  'ad-hoc': adHocSuite,
  stores: storesSuite,
  scale: scaleSuite,
  crossing: crossingSuite,
}

const help = `npm run bench [-- SUITE ...] [-- options]

  suites: ${Object.keys(suites).join(', ')} (all of them but size and report when none is named)

  --repeats N     take each figure N times and show the median (3)
  --dataset DIR   pages of a recorded dataset in place of the generated world
  --json FILE     write the figures as JSON
  --posts N       of size: posts of the largest (10,000,000, which takes half an hour and 40 GB);
                  of report: with 50 rows of history each (1,000,000, which takes half an hour and 25 GB)
  --behind        of ad-hoc: behind first walks of 40 large channels
  --quick         small sizes, to see that it works
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    repeats: { type: 'string', default: '3' },
    dataset: { type: 'string' },
    json: { type: 'string' },
    posts: { type: 'string' },
    behind: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

async function main(): Promise<number> {
  const unknown = positionals.filter((name) => !(name in suites))
  if (values.help || unknown.length > 0) {
    process.stdout.write(unknown.length > 0 ? `no such suite: ${unknown.join(', ')}\n\n${help}` : help)
    return unknown.length > 0 ? 2 : 0
  }
  const names =
    positionals.length > 0
      ? positionals
      : Object.keys(suites).filter((name) => !['size', 'report'].includes(name))
  const options: SuiteOptions = {
    dataset: values.dataset,
    repeats: Number(values.repeats),
    posts: values.posts === undefined ? undefined : Number(values.posts),
    behind: values.behind,
    quick: values.quick,
    say: (line) => process.stderr.write(`${line}\n`),
  }
  const server = await openServer()
  const figures: Record<string, object> = {}
  try {
    process.stdout.write(
      `${cpus().length} cores, Node ${process.versions.node}; medians of ${options.repeats} runs\n`,
    )
    for (const name of names) {
      const report = await suites[name]?.(server, options)
      if (!report) continue
      figures[name] = report.json
      show(report)
    }
  } finally {
    await server.stop()
  }
  if (values.json) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`)
  return 0
}

function show({ title, columns, rows, notes = [] }: Report): void {
  process.stdout.write(`\n${title}\n${table([[...columns], ...rows.map((row) => [...row])])}`)
  for (const note of notes) process.stdout.write(`  ${note}\n`)
}

process.exit(await main())
