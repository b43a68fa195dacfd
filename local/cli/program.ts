import { Command, CommanderError } from '@commander-js/extra-typings'
import { UserError } from '../user-error.ts'
import { type Client, openClient } from './client.ts'
import { accountCommands } from './commands/accounts.ts'
import { alertCommands } from './commands/alerts.ts'
import { brandCommands } from './commands/brands.ts'
import { connectCommands } from './commands/connect.ts'
import { databaseCommands } from './commands/database.ts'
import { followCommands } from './commands/follow.ts'
import { keyCommands } from './commands/keys.ts'
import { mlCommands } from './commands/ml.ts'
import { parkedCommands } from './commands/parked.ts'
import { postCommands } from './commands/posts.ts'
import { stackCommands } from './commands/stack.ts'
import { syncCommands } from './commands/syncs.ts'
import type { Result } from './result.ts'
import type { Terminal } from './terminal.ts'

/** What the commands share. */
export interface Cli {
  readonly terminal: Terminal
  readonly client: Client
  /** Prints what a command found, as text or with --json as JSON. */
  show(found: Promise<Result>): Promise<void>
}

const after = `
ACCOUNT is youtube:@handle, instagram:handle, tiktok:@handle, or the address of its page.

Exit codes: 0 all is well; 1 a sync failed, something is parked, or an invariant is broken; 2 the command could not run.

SOCIAL_SYNC_URL and SOCIAL_SYNC_API_KEY name a deployed stack; without them the local cloud of this folder is used.

Examples:
  npx social-sync follow https://www.youtube.com/@handle
  npx social-sync follow --file accounts.csv --client 'Café Índigo'
  npx social-sync sync youtube:@handle --full
  npx social-sync history youtube:@handle --of views
  npx social-sync redrive --platform youtube --dry-run`

/** The command line. `exit` gets the exit code of a command that ran. */
export function programOf(terminal: Terminal, exit: (code: number) => void): Command {
  const program = new Command('npx social-sync')
    .description('social-sync from the command line, for the local cloud of this folder or a deployed stack.')
    .option('--json', 'print the answer as JSON')
    .helpOption('--help', 'show this text')
    .helpCommand(false)
    .addHelpText('after', after)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.out, outputError: () => {} })
    .exitOverride()
  const cli: Cli = {
    terminal,
    client: openClient(terminal),
    show: async (found) => {
      const { json, text, isWell } = await found
      terminal.out(`${program.opts().json ? JSON.stringify(json) : text}\n`)
      exit(isWell ? 0 : 1)
    },
  }
  const root = program as unknown as Command
  followCommands(root, cli)
  accountCommands(root, cli)
  connectCommands(root, cli)
  keyCommands(root, cli)
  syncCommands(root, cli)
  postCommands(root, cli)
  brandCommands(root, cli)
  mlCommands(root, cli)
  parkedCommands(root, cli)
  alertCommands(root, cli)
  databaseCommands(root, cli)
  stackCommands(root, cli)
  for (const command of root.commands) command.helpOption('--help', 'show this text')
  return root
}

/** Runs the command line to its exit code. What a person can mend is one line and exit code 2. */
export async function runProgram(args: readonly string[], terminal: Terminal): Promise<number> {
  let code = 0
  try {
    await programOf(terminal, (given) => (code = given)).parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return usageError(error, args, terminal)
    const isPersons = error instanceof UserError
    const [message, stack] =
      error instanceof Error ? [error.message, error.stack] : [String(error), undefined]
    terminal.err(`${isPersons ? message : (stack ?? message)}\n`)
    return isPersons ? 2 : 1
  }
}

/** Help is printed by now; a fault is one line with the way to the help. */
function usageError({ code, message }: CommanderError, [name = '']: readonly string[], terminal: Terminal) {
  if (code === 'commander.helpDisplayed') return 0
  if (code === 'commander.help') return 2
  const isCommand = code !== 'commander.unknownCommand' && !name.startsWith('-')
  const help = `npx social-sync ${isCommand ? `${name} ` : ''}--help`
  terminal.err(`${message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ')} (see ${help})\n`)
  return 2
}
