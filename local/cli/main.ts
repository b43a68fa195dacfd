#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { parseArgs } from 'node:util'
import { UserError } from '../user-error.ts'
import { openClient } from './client.ts'
import { runCommand } from './command.ts'
import { commands } from './commands.ts'

const help = `social-sync from the command line, over the local cloud that runs in this folder or a deployed one.

${Object.values(commands)
  .map(({ usage, about }) => `  npx social-sync ${usage.padEnd(20)} ${about}`)
  .join('\n')}

  ACCOUNT is youtube:@handle, instagram:handle, tiktok:@handle, or the address of its page.

  --json   the answer as JSON
  --help   this text

  Exit codes: 0 all is well; 1 a sync failed, something is parked, a promise is broken; 2 it could not be asked.

  SOCIAL_SYNC_URL, SOCIAL_SYNC_API_KEY   a deployed one in place of the local cloud

Examples:
  npx social-sync follow https://www.youtube.com/@handle
  npx social-sync sync youtube:@handle --full
  npx social-sync history youtube:@handle --of views
  npx social-sync redrive --platform youtube --dry-run
`

const flag = { type: 'boolean', default: false } as const
const text = { type: 'string' } as const

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...{ json: flag, help: flag, full: flag, 'no-wait': flag, 'dry-run': flag, yes: flag },
      ...{ backfill: flag, ml: flag, apply: flag, all: flag },
      ...{ every: text, of: text, platform: text, reason: text, endpoint: text },
    },
  })
  const [name = '', ...args] = positionals
  if (values.help || name === '') {
    process.stdout.write(help)
    return values.help ? 0 : 2
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) throw new UserError(`there is no command ${name} (see npx social-sync --help)`)
  const told = await command.run(openClient(), args, values)
  process.stdout.write(`${values.json ? JSON.stringify(told.json) : told.text}\n`)
  return told.code
}

await runCommand('npx social-sync', main)
