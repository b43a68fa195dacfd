import type { Bytes } from './bytes.ts'
import { median, round } from './measure.ts'
import type { Load } from './processes.ts'
import type { Report } from './suite.ts'

/** One after another over the same database. */
export const loads = ['first_load', 'unchanged', 'changed', 'edited'] as const
export type Loads = Record<(typeof loads)[number], Load>

export function middle(runs: readonly Loads[]): Loads {
  const of = (load: (typeof loads)[number], name: keyof Load) => median(runs.map((run) => run[load][name]))
  return Object.fromEntries(
    loads.map((load) => [
      load,
      {
        seconds: of(load, 'seconds'),
        cpu: of(load, 'cpu'),
        serverCpu: of(load, 'serverCpu'),
        peakMb: of(load, 'peakMb'),
        walMb: of(load, 'walMb'),
      },
    ]),
  ) as Loads
}

interface Found {
  /** Of each loader, by its key. */
  readonly names: Readonly<Record<string, string>>
  readonly figures: ReadonlyMap<string, Loads>
  readonly posts: number
  readonly name: string
  readonly bytes: Bytes
  readonly jobs: number | null
  readonly missing: string | undefined
}

export function report({ names, figures, posts, name, bytes, jobs, missing }: Found): Report {
  const times = (key: string, than: string) =>
    Object.fromEntries(
      loads.map((load) => {
        const [mine, theirs] = [figures.get(key)?.[load], figures.get(than)?.[load]]
        return [load, mine && theirs ? round(theirs.seconds / mine.seconds) : null]
      }),
    )
  const cell = (load: Load | undefined) =>
    load
      ? `${Math.round(posts / load.seconds).toLocaleString('en-US')} (${load.cpu.toFixed(1)} + ${load.serverCpu.toFixed(1)})`
      : ''
  return {
    title: `The same pages by others: ${name}, ${posts.toLocaleString('en-US')} posts; posts a second (CPU seconds of the loader + the server)`,
    columns: ['loader', 'first load', 'unchanged', 'numbers changed', '1 in 100 edited', 'peak MB', 'WAL MB'],
    rows: Object.entries(names).map(([key, loader]) => {
      const of = figures.get(key)
      const first = of?.first_load
      return [
        loader,
        ...loads.map((load) => cell(of?.[load])),
        first?.peakMb.toFixed(0) ?? '',
        loads.map((load) => of?.[load].walMb.toFixed(0)).join(' / '),
      ]
    }),
    notes: [
      `Bytes on disk a post of ours, without the answers: ${bytes.planned} with ML jobs planned, ${bytes.open} with all of them open.`,
      'dlt keeps no answers and writes a row of numbers a post and run; it validates nothing and knows no order of answers.',
      ...(jobs === null
        ? ['graphile-worker is not installed: npm ci --prefix bench/peers']
        : [`ML jobs claim to done over graphile-worker, batched: ${jobs}`]),
      ...(missing ? [missing] : []),
    ],
    json: {
      ...times('two', 'items'),
      one_process: times('one', 'items'),
      over_mapped: times('two', 'rows'),
      over_tuned: times('two', 'tuned'),
      over_bare: times('two', 'bareTwo'),
      one_over_bare: times('one', 'bareOne'),
      bytes_a_post: bytes.planned,
      bytes_a_post_open: bytes.open,
      wal_mb: round(figures.get('two')?.first_load.walMb ?? Number.NaN, 0),
      jobs_over_graphile: jobs,
    },
  }
}
