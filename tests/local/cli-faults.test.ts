import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { syncText } from '../../local/cli/views/syncs.ts'
import { columns } from '../../local/view/frame.ts'
import { openApi } from '../setup/api.ts'
import { cli as run } from '../setup/cli.ts'
import { fewAccounts } from '../setup/world.ts'

const key = 'k'.repeat(32)
const cli = (args: readonly string[], url: string) =>
  run(args, { SOCIAL_SYNC_URL: url, SOCIAL_SYNC_API_KEY: key })

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('an answer of another server is one line', async () => {
  const url = await serve((_request, response) => response.end('<html>sign in to this network</html>'))
  expect(await cli(['accounts'], url)).toMatchObject({
    code: 2,
    stderr: `the answer of ${url} is not that of social-sync of this release\n`,
  })
})

test('waiting for a sync survives an outage of the API', async () => {
  const {
    world,
    opened,
    url: api,
  } = await openApi({ observations: fewAccounts(1), env: { ML_URL: undefined } })
  let looks = 0
  const url = await serve(async (request, response) => {
    const body = request.method === 'POST' ? await new Response(request as never).text() : undefined
    if (request.method === 'GET' && ++looks <= 2) return void response.writeHead(503).end()
    const answer = await fetch(`${api}${request.url}`, {
      method: request.method ?? 'GET',
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      ...(body ? { body } : {}),
    })
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
  })
  const [native] = world.world.accounts('youtube')
  const waiting = cli(['sync', `youtube:${native}`], url)
  await opened.followThrough()
  expect(await waiting).toMatchObject({ code: 0, stdout: expect.stringContaining('done') })
  expect(looks).toBeGreaterThan(2)
})

test('control characters of records do nothing in a terminal', () => {
  const title = 'a\u001b[2Jb\u001b]0;mine\u0007c\td\u0002\u009b31m'
  expect(columns([[title, '\u001b[1mours\u001b[22m']])).toBe(
    '  a [2Jb ]0;mine c d  31m   \u001b[1mours\u001b[22m',
  )
  const problem = {
    id: '1',
    account_id: '1',
    platform: 'youtube',
    handle: 'a',
    native_id: null,
    account_status: 'active',
    last_error: null,
    trace_url: null,
    status: 'failed',
    reason: null,
    waits_for: null,
    problems: [title],
  }
  const done = {
    pages: { stored: 0, transformed: 0, parked: 0 },
    records: { accepted: 0, quarantined: 0 },
    ml_jobs: { open: 0, done: 0, failed: 0 },
  }
  const shown = syncText({
    ...{ id: '1', state: 'failed', origin: 'http', mode: 'full' },
    ...{ created_at: '2026-01-01T00:00:00Z', finished_at: null, now: '2026-01-01T00:00:00Z' },
    accounts: 1,
    tasks: [{ ...problem, ...done }],
    eta: null,
  })
  expect(shown).toContain('  !   @a   a [2Jb ]0;mine c d  31m')
  expect(shown).toContain('npx social-sync retry 1')
})
