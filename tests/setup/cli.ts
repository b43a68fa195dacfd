import { runProgram } from '../../local/cli/program.ts'
import type { Ended } from './command.ts'
import { newFolder } from './start.ts'

/** `npx social-sync` in this process, in a folder of its own, with that on its standard input. */
export async function cli(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  folder = newFolder(),
  stdin = '',
): Promise<Ended> {
  const written = { stdout: '', stderr: '' }
  const code = await runProgram(args, {
    ...{ env, folder },
    read: async () => stdin,
    out: (text) => {
      written.stdout += text
    },
    err: (text) => {
      written.stderr += text
    },
    progress: () => {},
  })
  return { code, ...written }
}
