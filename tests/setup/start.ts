import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export const project = join(import.meta.dirname, '../..')

export interface Ended {
  readonly code: number | null
  readonly output: string
}

/** `npm start` in a folder of its own, as a process of its own. */
export function start(folder: string, args: readonly string[], env: Record<string, string> = {}) {
  const main = ['--disable-warning=ExperimentalWarning', join(project, 'local/main.ts'), ...args]
  const child = spawn(process.execPath, main, {
    cwd: folder,
    env: { ...process.env, DATABASE_URL: '', NO_COLOR: '1', ...env },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk))
  const ended = new Promise<Ended>((resolve) => child.on('exit', (code) => resolve({ code, output })))
  onTestFinished(() => void child.kill('SIGKILL'))
  const printed = async (text: string) => {
    while (!output.includes(text)) {
      if (child.exitCode !== null) throw new Error(`ended before "${text}":\n${output}`)
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
  }
  return { child, ended, printed }
}

export function newFolder(mode = 0o755): string {
  const folder = mkdtempSync(join(tmpdir(), 'social-sync-start-'))
  chmodSync(folder, mode)
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export const stateOf = (folder: string) => JSON.parse(readFileSync(join(folder, '.local/state.json'), 'utf8'))

export const interrupt = async (running: { child: ChildProcess; ended: Promise<Ended> }) => {
  running.child.kill('SIGINT')
  return running.ended
}
