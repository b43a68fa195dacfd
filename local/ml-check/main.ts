import { createServer } from 'node:http'
import { parseArgs, styleText } from 'node:util'
import { messageOf } from '#shared/errors.ts'
import { MlKind } from '#shared/model/ml-job.ts'
import { draw } from '../simulators/pictures/draw.ts'
import { closeServer, portOf } from '../simulators/server.ts'
import { type Checked, checks, openChecked } from './checks.ts'

const help = `npm run ml:check -- URL [options]

  Checks an ML provider against the contract in docs/ml-provider.md.

  --kind KIND     text, image, image_text or nsfw (text)
  --model NAME    the model to ask for; absent: the provider chooses
  --key KEY       sent as a bearer token
  --picture URL   a picture that the provider can fetch, in place of one that this machine serves
  --wait SECONDS  how long a job may take (120)
`

/** A picture on this machine, behind a redirect as ours are. */
async function servePicture() {
  const picture = draw('check', 'SOCIAL SYNC')
  const server = createServer(({ url }, response) => {
    if (url === '/media') response.writeHead(302, { location: '/picture.jpg' }).end()
    else response.writeHead(200, { 'content-type': 'image/jpeg' }).end(picture)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${portOf(server)}/media`, close: () => closeServer(server) }
}

async function runChecks(checked: Checked): Promise<boolean> {
  const opened = openChecked(checked)
  let isWell = true
  for (const { name, without, run } of checks) {
    try {
      const has = await run(opened)
      if (!has && without === undefined) throw new Error('it does not')
      process.stdout.write(has ? `${styleText('green', '✓')} ${name}\n` : `- ${name}: no; ${without}\n`)
    } catch (error) {
      isWell = false
      process.stdout.write(`${styleText('red', '✗')} ${name}\n    ${messageOf(error)}\n`)
    }
  }
  return isWell
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      kind: { type: 'string', default: 'text' },
      model: { type: 'string' },
      key: { type: 'string' },
      picture: { type: 'string' },
      wait: { type: 'string', default: '120' },
      help: { type: 'boolean', default: false },
    },
  })
  const [url] = positionals
  const kind = MlKind.safeParse(values.kind)
  if (values.help || url === undefined || !URL.canParse(url) || !kind.success || !(Number(values.wait) > 0)) {
    process.stdout.write(help)
    return values.help ? 0 : 2
  }
  const served = await servePicture()
  const picture = values.picture ?? served.url
  const waitMs = Number(values.wait) * 1_000
  const isWell = await runChecks({
    url,
    key: values.key,
    kind: kind.data,
    model: values.model,
    picture,
    waitMs,
  })
  await served.close()
  process.stdout.write(
    isWell ? '\nThis provider can be used: docs/ml.md says how.\n' : '\nThis provider cannot be used yet.\n',
  )
  return isWell ? 0 : 1
}

process.exitCode = await main()
