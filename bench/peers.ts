import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { raw } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { bareTables } from './bare.ts'
import { type Bytes, bytesOfPosts } from './bytes.ts'
import { readPages } from './pages.ts'
import { type Loads, loads, middle, report } from './peers-report.ts'
import { measured, runOther, runTogether } from './processes.ts'
import { jobsOverGraphile } from './queue.ts'
import { type BenchServer, withDb } from './server.ts'
import type { Report, SuiteOptions } from './suite.ts'

const dlt = join(import.meta.dirname, 'peers/dlt')
const environment = join(import.meta.dirname, '../.local/dlt')
const python = join(environment, 'bin/python')

interface Files {
  readonly json: Record<(typeof loads)[number], string>
  readonly lines: Record<(typeof loads)[number], string>
}

interface Peer {
  readonly name: string
  /** What it needs beside our tables. */
  readonly tables?: typeof bareTables
  readonly isOurs?: boolean
  run(url: string, files: Files, load: (typeof loads)[number]): ReturnType<typeof runTogether>
}

const ours = (name: string, roles: readonly string[]): Peer => ({
  name,
  isOurs: true,
  run: (url, { json }, load) =>
    runTogether(
      'loader.ts',
      roles.map((role) => [url, role, json[load]]),
    ),
})
const bare = (connections: number): Peer => ({
  name: `bare script, ${connections === 1 ? 'one connection' : 'two connections'}`,
  tables: bareTables,
  run: (url, { json }, load) => runTogether('bare.ts', [[url, json[load], String(connections)]]),
})
const byDlt = (how: string, name: string): Peer => ({
  name,
  run: (url, { lines }, load) => runOther(python, [join(dlt, 'load.py'), url, lines[load], how]),
})

const peers = {
  one: ours('ours, one process', ['all']),
  two: ours('ours, two transform processes', ['keep', 'transform', 'transform']),
  bareOne: bare(1),
  bareTwo: bare(2),
} satisfies Record<string, Peer>
const others = {
  items: byDlt('items', 'dlt, answers as they are'),
  rows: byDlt('rows', 'dlt, rows mapped'),
  tuned: byDlt('tuned', 'dlt, rows mapped, tuned'),
} satisfies Record<string, Peer>

/** The same pages by ours, by a bare script and by dlt, in one run. */
export async function peersSuite(server: BenchServer, options: SuiteOptions): Promise<Report> {
  const source = await readPages(options.quick ? 1_000 : 50_000, options.dataset)
  const missing = installDlt(options)
  const all: Record<string, Peer> = missing ? peers : { ...peers, ...others }
  const folder = mkdtempSync(join(tmpdir(), 'social-sync-peers-'))
  const taken = new Map(Object.keys(all).map((key) => [key, [] as Loads[]]))
  let bytes: Bytes | undefined
  try {
    const files = writePages(folder, source)
    for (let repeat = 0; repeat < options.repeats; repeat += 1)
      for (const [key, peer] of Object.entries(all)) {
        options.say(`peers, run ${repeat + 1} of ${options.repeats}: ${peer.name}`)
        taken.get(key)?.push(await runPeer(server, peer, files))
      }
    bytes = await bytesOfPosts(server, (url) => peers.one.run(url, files, 'first_load'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const figures = new Map([...taken].map(([key, runs]) => [key, middle(runs)]))
  const jobs = await jobsOverGraphile(server, options)
  const names = Object.fromEntries(Object.entries(all).map(([key, { name }]) => [key, name]))
  return report({ names, figures, posts: source.posts, name: source.name, bytes, jobs, missing })
}

function writePages(folder: string, source: Awaited<ReturnType<typeof readPages>>): Files {
  const same = source.pages(false)
  const pages = { first_load: same, unchanged: same, changed: source.pages(true), edited: source.edited(1) }
  const write = (name: string, text: string) => {
    const file = join(folder, name)
    writeFileSync(file, text)
    return file
  }
  const each = <T>(of: (load: (typeof loads)[number]) => T) =>
    Object.fromEntries(loads.map((load) => [load, of(load)])) as Record<(typeof loads)[number], T>
  return {
    json: each((load) => write(`${load}.json`, JSON.stringify(pages[load]))),
    lines: each((load) => write(`${load}.jsonl`, pages[load].flatMap((one) => one.pages).join('\n'))),
  }
}

/** Returns why dlt cannot be run; undefined: it can. */
function installDlt({ say }: SuiteOptions): string | undefined {
  if (existsSync(python)) return undefined
  say('peers: installing dlt')
  try {
    const run = (program: string, args: readonly string[]) =>
      execFileSync(program, args, { cwd: dlt, stdio: 'ignore', timeout: 600_000 })
    run('python3', ['-m', 'venv', environment])
    run(python, ['-m', 'pip', 'install', '--quiet', '-r', 'requirements.txt'])
    return undefined
  } catch (error) {
    rmSync(environment, { recursive: true, force: true })
    return `dlt could not be installed: ${error instanceof Error ? error.message.split('\n')[0] : error}`
  }
}

async function runPeer(server: BenchServer, peer: Peer, files: Files): Promise<Loads> {
  const { url, drop } = await server.database('bench_peer')
  if (peer.tables) await withDb(url, 1, (db) => db.rows(peer.tables ?? raw('')))
  const result: Partial<Loads> = {}
  for (const load of loads) {
    result[load] = await measured(url, () => peer.run(url, files, load))
    if (!peer.isOurs) continue
    const findings = await withDb(url, 1, verify)
    if (findings.length > 0) throw new Error(`${load} left violations: ${JSON.stringify(findings)}`)
  }
  await drop()
  return result as Loads
}
