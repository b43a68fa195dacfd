import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../user-error.ts'

const project = join(import.meta.dirname, '../..')
export const serverFolder = join(project, 'ml-server')
const requirements = join(serverFolder, 'requirements.txt')
const folder = join(project, '.local/ml-server')

/** What an environment is made of: these packages, for this Python. */
const madeOf = (version: string) =>
  createHash('sha256').update(readFileSync(requirements)).update(version).digest('hex')

const python = join(folder, 'venv', process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')
const mark = join(folder, 'made-of')

/** The version of Python on this machine, as 3.11; empty: there is none. */
function versionFound(): string {
  const asked = spawnSync('python3', ['-c', 'import sys; print(*sys.version_info[:2], sep=".")'])
  return asked.status === 0 ? asked.stdout.toString().trim() : ''
}

/** Python with the packages of ml-server, if it is set up already. */
export function pythonReady(): string | undefined {
  const isReady =
    existsSync(python) && existsSync(mark) && readFileSync(mark, 'utf8') === madeOf(versionFound())
  return isReady ? python : undefined
}

/**
 * Python with the packages of ml-server, in a folder of its own that is made once. Throws a UserError in one line where
 * Python is missing, or its packages cannot be installed.
 * @param say progress, for people
 */
export function setUpPython(say: (line: string) => void): string {
  const ready = pythonReady()
  if (ready) return ready
  const version = versionFound()
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major !== 3 || minor < 11)
    throw new UserError(`ml-server needs Python 3.11 or newer as python3${version ? `, not ${version}` : ''}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  say('setting up Python for ml-server: half a gigabyte, once')
  run('python3', ['-m', 'venv', join(folder, 'venv')], 'install python3-venv')
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes', '-r']
  run(python, [...install, requirements], 'its packages cannot be installed')
  writeFileSync(mark, madeOf(version))
  return python
}

function run(command: string, args: readonly string[], otherwise: string): void {
  const done = spawnSync(command, args, { encoding: 'utf8' })
  if (done.status === 0) return
  const said = `${done.stderr ?? ''}`.trim().split('\n').at(-1) ?? ''
  throw new UserError(`ml-server cannot be set up: ${otherwise}${said ? ` (${said})` : ''}`)
}
