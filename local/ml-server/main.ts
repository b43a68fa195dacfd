import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { UserError } from '../user-error.ts'
import { setUpPython } from './setup.ts'
import { startMlServer } from './start.ts'

const help = `npm run ml -- [options]

  Starts the ML provider of ml-server/ on this machine: it reads the text in pictures, and tells the language and sentiment of texts.
  Set ML_URL to its address, or name it in ML_PROVIDERS (docs/ml.md).

  --port N   where it listens on 127.0.0.1 (8090)
  --setup    only set up its Python, and end
`

const say = (line: string) => void process.stdout.write(`${line}\n`)

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8090' },
      setup: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const port = Number(values.port)
  if (values.help || !Number.isInteger(port) || port < 1 || port > 65_535) {
    say(help)
    return values.help ? 0 : 2
  }
  if (values.setup) {
    say(`Python of ml-server: ${setUpPython(say)}`)
    return 0
  }
  mkdirSync('.local', { recursive: true })
  const server = await startMlServer({ port, data: join('.local', 'ml-server-jobs.db'), say })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close())
  say(
    `ml-server does text and image_text at ${server.url}; try it: npm run ml:check -- ${server.url} --kind image_text`,
  )
  await server.ended
  return 0
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof UserError) && !(error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS'))
    throw error
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 2
}
