import { join } from 'node:path'
import { openClosers } from './closers.ts'
import { help, type Options, readOptions } from './options.ts'
import { startReal } from './real.ts'
import { startSimulated } from './simulated.ts'
import { nothing } from './standing.ts'
import type { Outcome } from './start.ts'
import { takeFolder, writeState } from './state.ts'
import { switchRunning } from './switch-faults.ts'
import { UserError } from './user-error.ts'
import { openScreen, type Screen } from './view/screen.ts'

const folder = join(process.cwd(), '.local')
const closers = openClosers()
const interrupted = new AbortController()

/** A terminal and npm may both pass one Ctrl-C on; only a later one is another. */
const sameKeyMs = 1_000
let interruptedAt = 0

/** The first Ctrl-C ends the run when the functions under way are done, a second one at once. */
function interrupt(signal: NodeJS.Signals): void {
  if (!interrupted.signal.aborted) {
    interruptedAt = performance.now()
    interrupted.abort()
  } else if (signal === 'SIGINT' && performance.now() - interruptedAt > sameKeyMs) {
    void closers.closeNow().finally(() => process.exit(130))
  }
}

/** Starts what the options ask for, and closes it again. */
async function run(options: Options, screen: Screen): Promise<Outcome> {
  const state = await takeFolder(folder)
  closers.lastly(async () => writeState(folder, { ...state, pid: null, url: null, simulators: {} }))
  const start = { options, folder, screen, closers, signal: interrupted.signal, state }
  try {
    return await (options.live.length > 0 ? startReal(start) : startSimulated(start))
  } finally {
    screen.done()
    await closers.closeAll()
  }
}

/**
 * With --fault and a local cloud running here: switches its faults and starts nothing; other options have no effect.
 */
async function switchedRunning(options: Options, screen: Screen): Promise<boolean> {
  if (options.fault.length === 0 || !(await switchRunning(folder, options.fault))) return false
  const off = options.fault.includes('none')
  screen.say(
    off ? 'all faults are off' : `on: ${options.fault.join(', ')}; \`npm start -- --fault none\` ends it`,
  )
  return true
}

async function main(): Promise<number> {
  const wantsJson = process.argv.includes('--json')
  let outcome: Outcome = { standing: nothing, fault: null }
  let code = 0
  try {
    const options = readOptions(process.argv.slice(2))
    const screen = openScreen(options.json ? process.stderr : process.stdout, options.plain)
    if (options.help) {
      process.stdout.write(help)
      return 0
    }
    if (await switchedRunning(options, screen)) return 0
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt)
    outcome = await run(options, screen)
    if (outcome.fault) process.stderr.write(`${outcome.fault}\n`)
    code = outcome.fault ? 1 : 0
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    outcome = { ...outcome, fault: message }
    process.stderr.write(`${error instanceof UserError ? message : (error as Error).stack}\n`)
    code = error instanceof UserError ? 2 : 1
  }
  if (wantsJson) process.stdout.write(`${JSON.stringify({ ...outcome.standing, error: outcome.fault })}\n`)
  return code
}

// Nothing that was left half open by a failure keeps the process alive.
process.exit(await main())
