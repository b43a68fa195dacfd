import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { newFolder, project } from './start.ts'

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A command of the project, in a folder of its own, to its end. */
export async function runScript(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  const main = ['--disable-warning=ExperimentalWarning', join(project, script), ...args]
  const options = { cwd: newFolder(), env: { ...process.env, NO_COLOR: '1', ...env } }
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, main, options)) }
  } catch (error) {
    const { code, stdout, stderr } = error as Ended
    return { code, stdout, stderr }
  }
}
