import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median, round } from './measure.ts'
import type { BenchServer } from './server.ts'
import type { Report, SuiteOptions } from './suite.ts'

const project = join(import.meta.dirname, '..')

/** Size of each bundle and the time it takes to load, as whole processes against an empty one. */
export async function bundlesSuite(_server: BenchServer, options: SuiteOptions): Promise<Report> {
  options.say('bundles')
  execFileSync(process.execPath, ['esbuild.config.mjs'], { cwd: project, stdio: 'ignore' })
  const folder = mkdtempSync(join(tmpdir(), 'social-sync-bench-'))
  const empty = join(folder, 'empty.cjs')
  writeFileSync(empty, 'exports.handler = () => undefined\n')
  const names = readdirSync(join(project, 'dist'), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  )
  const files = new Map([
    ['empty', empty],
    ...names.map((name) => [name, join(project, 'dist', name, 'index.js')] as const),
  ])
  const times = new Map([...files.keys()].map((name) => [name, [] as number[]]))
  // Turn by turn, so that a busy moment of the machine meets all of them.
  for (let repeat = 0; repeat < options.repeats * 5; repeat += 1)
    for (const [name, file] of files) times.get(name)?.push(load(file))
  rmSync(folder, { recursive: true })
  const bare = median(times.get('empty') ?? [])
  const rows = names.map((name) => {
    const ms = median(times.get(name) ?? [])
    const kb = Math.round(statSync(files.get(name) ?? '').size / 1000)
    return { name, kb, ms: round(ms - bare, 0), ratio: round(ms / bare) }
  })
  return {
    title: 'Bundles: size, and load time over an empty one (whole processes)',
    columns: ['function', 'kB', 'budget', 'ms over empty', 'times empty'],
    rows: rows.map(({ name, kb, ms, ratio }) => [name, String(kb), '≤ 550', ms.toFixed(0), ratio.toFixed(2)]),
    json: Object.fromEntries(rows.map(({ name, ...figures }) => [name, figures])),
  }
}

/** Milliseconds of a process that loads the file as the cloud's loader does, by require. */
function load(file: string): number {
  const since = performance.now()
  execFileSync(process.execPath, ['-e', `require(${JSON.stringify(file)})`], { stdio: 'ignore' })
  return performance.now() - since
}
