import { execFile, execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { median, round } from './measure.ts'
import { readPages } from './pages.ts'
import { keepAll, prepare } from './pipeline.ts'
import { type BenchServer, withDb } from './server.ts'
import type { Report, SuiteOptions } from './suite.ts'

const project = join(import.meta.dirname, '..')
/** What a function of 256 MB leaves to the heap beside the runtime, its buffers and its code. */
const heapMb = 96

interface Figures {
  readonly seconds: number
  readonly cpu: number
  readonly peakMb: number
}

/** The bundle of transform as a process of its own, reading kept pages: its peak of memory and its speed. */
export async function memorySuite(server: BenchServer, options: SuiteOptions): Promise<Report> {
  options.say('memory')
  execFileSync(process.execPath, ['esbuild.config.mjs'], { cwd: project, stdio: 'ignore' })
  const source = await readPages(options.quick ? 1_000 : 20_000, options.dataset)
  const runs: Record<'free' | 'small', { heap: string; flags: string[]; figures: Figures[] }> = {
    free: { heap: 'as much as it likes', flags: [], figures: [] },
    small: { heap: `${heapMb} MB`, flags: [`--max-old-space-size=${heapMb}`], figures: [] },
  }
  for (let repeat = 0; repeat < options.repeats; repeat += 1) {
    for (const { flags, figures } of Object.values(runs)) {
      const { url, drop } = await server.database('bench_memory')
      await withDb(url, 2, async (db) => {
        const accounts = source.pages(false)
        await keepAll(db, accounts, await prepare(db, accounts))
      })
      figures.push(await transformAll(url, flags))
      await drop()
    }
  }
  const of = (run: keyof typeof runs, name: keyof Figures) =>
    median(runs[run].figures.map((one) => one[name]))
  const speed = round(of('free', 'seconds') / of('small', 'seconds'))
  return {
    title: `Memory of transform: its bundle over ${source.posts.toLocaleString('en-US')} posts`,
    columns: ['heap', 'peak of the process, MB', 'posts a second', 'CPU seconds'],
    rows: (['free', 'small'] as const).map((run) => [
      runs[run].heap,
      of(run, 'peakMb').toFixed(0),
      Math.round(source.posts / of(run, 'seconds')).toLocaleString('en-US'),
      of(run, 'cpu').toFixed(1),
    ]),
    notes: [`With the small heap it has ${speed} of its speed; the goals are 256 MB and 0.65.`],
    json: { peak_mb: round(of('small', 'peakMb'), 0), speed },
  }
}

/** Calls the handler, as the cloud does, until nothing is due. */
const program = `
  const { handler } = require(process.env.BUNDLE)
  const context = { requestId: 'bench', getRemainingTimeInMillis: () => 60000 }
  const since = performance.now()
  const work = async () => {
    while ((await handler({ messages: [] }, context)).transformed > 0);
    const { user, system } = process.cpuUsage()
    const seconds = (performance.now() - since) / 1000
    const figures = { seconds, cpu: (user + system) / 1e6, peakMb: process.resourceUsage().maxRSS / 1024 }
    process.stdout.write(JSON.stringify(figures), () => process.exit())
  }
  work()`

async function transformAll(url: string, flags: readonly string[]): Promise<Figures> {
  const nowhere = 'http://127.0.0.1:9'
  const env = {
    ...{ BUNDLE: join(project, 'dist/transform/index.js'), DATABASE_URL: url, ML_URL: nowhere },
    ...{ QUEUE_ENDPOINT: nowhere, QUEUE_ACCESS_KEY_ID: 'none', QUEUE_SECRET_ACCESS_KEY: 'none-is-needed' },
    TRANSFORM_QUEUE_URL: 'none',
  }
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, '-e', program], { env })
  return JSON.parse(stdout.split('\n').at(-1) ?? '') as Figures
}
