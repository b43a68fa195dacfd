import { parseArgs } from 'node:util'
import { platformNames } from '#shared/platforms/index.ts'
import { runCommand } from './command.ts'
import { type ReplayOptions, replay } from './replay-diff.ts'

const help = `Reads stored answers again by the rules of now, without a call to any platform.

  npm run replay                    show what would change, and change nothing
  npm run replay -- --apply         show it, then set the pages back; the running functions do the rest

  --platform NAME   only this platform (${platformNames.join(', ')})
  --all             also pages that were transformed by the rules of now
  --json            the difference as one JSON object
  --help            this text

  DATABASE_URL      the database; without it that of the local cloud, which must be running
  DATABASE_PASSWORD its password, where the address has none
`

async function main(): Promise<number> {
  const flag = { type: 'boolean' } as const
  const options = { platform: { type: 'string' }, all: flag, apply: flag, json: flag, help: flag } as const
  const { help: wantsHelp, json: wantsJson, ...given } = parseArgs({ options }).values
  if (wantsHelp) {
    process.stdout.write(help)
    return 0
  }
  const { json, text } = await replay(given as ReplayOptions)
  process.stdout.write(`${wantsJson ? JSON.stringify(json) : text}\n`)
  return 0
}

await runCommand('npm run replay --', main)
