import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import pg from 'pg'
import { freePort } from '../free-port.ts'
import { UserError } from '../user-error.ts'
import { type Binaries, findBinaries } from './binaries.ts'

export interface Server {
  readonly url: string
  readonly pid: number | undefined
  readonly dataFolder: string
  stop(): Promise<void>
}

const startLimitMs = 30_000
const user = 'postgres'

/**
 * Starts a PostgreSQL on a data folder, which it makes if it is missing, on a free port of 127.0.0.1. First stops a server
 * that a killed run left on that folder. Throws the server's last lines if it does not start within 30 s.
 */
export async function startServer(dataFolder: string, binaries = findBinaries()): Promise<Server> {
  const passwordFile = join(dirname(dataFolder), 'postgres-password')
  const versionFile = join(dataFolder, 'PG_VERSION')
  if (existsSync(versionFile)) checkVersion(dataFolder, Number(readFileSync(versionFile, 'utf8')), binaries)
  else await initialise(binaries, dataFolder, passwordFile)
  const password = readFileSync(passwordFile, 'utf8')
  await stopOrphan(dataFolder, password)
  const port = await freePort()
  const url = urlOf(port, password)
  const child = launch(binaries, 'postgres', ['-D', dataFolder, '-p', String(port), ...settings])
  await answering(child, url)
  return { url, pid: child.process.pid, dataFolder, stop: () => stop(child) }
}

/** The data of one major version cannot be read by another. */
function checkVersion(dataFolder: string, made: number, { major }: Binaries): void {
  if (made === major) return
  throw new UserError(
    `the data in ${dataFolder} is of PostgreSQL ${made}, this release runs ${major}: remove that folder to start with new data`,
  )
}

// A local world can be made again, so it need not survive the machine; it survives the process.
const settings = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'max_connections=200',
  'shared_buffers=256MB',
  'jit=off',
].flatMap((setting) => ['-c', setting])

const urlOf = (port: number, password: string) => `postgres://${user}:${password}@127.0.0.1:${port}/postgres`

async function initialise(binaries: Binaries, dataFolder: string, passwordFile: string): Promise<void> {
  // Made aside and put in place when it is whole: a run killed meanwhile leaves no half-made folder behind.
  const draft = `${dataFolder}.${process.pid}`
  mkdirSync(dirname(dataFolder), { recursive: true })
  removeDrafts(dataFolder)
  const { runAs } = binaries
  if (runAs) chmodSync(dirname(dataFolder), 0o755)
  mkdirSync(draft, { mode: 0o700 })
  writeFileSync(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 })
  if (runAs) for (const path of [draft, passwordFile]) chownSync(path, runAs.uid, runAs.gid)
  const child = launch(binaries, 'initdb', [
    '-D',
    draft,
    `--username=${user}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--no-locale',
    '--no-sync',
  ])
  const code = await Promise.race([child.ended, limit(startLimitMs)])
  if (code === 0) return renameSync(draft, dataFolder)
  child.process.kill('SIGKILL')
  rmSync(draft, { recursive: true, force: true })
  throw new Error(`PostgreSQL could not make its data folder:\n${child.lastLines()}`)
}

/** What an earlier start left half made. */
function removeDrafts(dataFolder: string): void {
  const isLeft = (name: string) =>
    name === basename(dataFolder) || name.startsWith(`${basename(dataFolder)}.`)
  for (const name of readdirSync(dirname(dataFolder)).filter(isLeft)) {
    rmSync(join(dirname(dataFolder), name), { recursive: true, force: true })
  }
}

interface Child {
  readonly process: ChildProcess
  readonly ended: Promise<number | string | null>
  lastLines(): string
}

function launch(binaries: Binaries, program: string, args: readonly string[]): Child {
  const child = spawn(join(binaries.folder, program), args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
    cwd: '/',
    // A terminal's Ctrl-C is for us, not for the server: we stop it once the work is done.
    detached: true,
    ...binaries.runAs,
  })
  let output = ''
  const collect = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000)
  }
  child.stdout?.on('data', collect)
  child.stderr?.on('data', collect)
  const ended = new Promise<number | string | null>((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? signal))
    child.on('error', (error) => {
      output += error.message
      resolve(null)
    })
  })
  return { process: child, ended, lastLines: () => output.trim().split('\n').slice(-12).join('\n') }
}

async function answering(child: Child, url: string): Promise<void> {
  const until = performance.now() + startLimitMs
  let ended = false
  void child.ended.then(() => {
    ended = true
  })
  while (!ended && performance.now() < until) {
    if (await dataDirectoryOf(url)) return
    await after(50)
  }
  child.process.kill('SIGKILL')
  throw new Error(`PostgreSQL did not start:\n${child.lastLines()}`)
}

/** The data folder of the server that answers there; undefined when none does. */
async function dataDirectoryOf(url: string): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query('show data_directory')
    return rows[0]?.data_directory
  } catch {
    return undefined
  } finally {
    await client.end().catch(() => undefined)
  }
}

/**
 * Stops a server that is left on the folder: one that answers on the port its pid file names and shows this data
 * folder. A pid file without such a server is stale, even if another process has the pid now, and is removed.
 */
async function stopOrphan(dataFolder: string, password: string): Promise<void> {
  const pidFile = join(dataFolder, 'postmaster.pid')
  if (!existsSync(pidFile)) return
  const [pid, , , port] = readFileSync(pidFile, 'utf8').split('\n')
  const url = urlOf(Number(port), password)
  if ((await dataDirectoryOf(url)) === dataFolder) {
    process.kill(Number(pid), 'SIGINT')
    const until = performance.now() + startLimitMs
    while (existsSync(pidFile) && performance.now() < until) await after(50)
  }
  rmSync(pidFile, { force: true })
}

async function stop(child: Child): Promise<void> {
  child.process.kill('SIGINT')
  const done = await Promise.race([child.ended.then(() => true), limit(10_000).then(() => false)])
  if (!done) child.process.kill('SIGKILL')
  await child.ended
}

/** A time limit beside something else that is awaited; alone it keeps no process alive. */
const limit = (ms: number) => after(ms, undefined, { ref: false })
