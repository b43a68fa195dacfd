import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { openApi } from '../setup/api.ts'
import { cli } from '../setup/cli.ts'
import { newFolder } from '../setup/start.ts'
import { fewAccounts } from '../setup/world.ts'

interface Alert {
  readonly id: string
  readonly name: string
  readonly folderId?: string
  status?: string
  channels?: readonly { readonly channelId: string }[]
  threshold?: { readonly selectors: string }
}

type Answer = readonly [status: number, body: object]

/** Alerts of Yandex Monitoring as its REST reference has them: pages, operations, and names that must be fit. */
async function openMonitoring(pageSize = 2) {
  const alerts: Alert[] = []
  const pageFrom = (from: number): Answer => {
    const next = from + pageSize < alerts.length ? String(from + pageSize) : ''
    return [200, { alerts: alerts.slice(from, from + pageSize), nextPageToken: next }]
  }
  const keep = (id: string | undefined, body: Alert): Answer => {
    if (!/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(body.name)) return [400, { code: 3, message: 'bad name' }]
    const kept = alerts.find((one) => one.id === id)
    if (id !== undefined && !kept) return [404, { code: 5, message: 'not found' }]
    if (kept) Object.assign(kept, body)
    else alerts.push({ ...body, id: `alert-${alerts.length + 1}`, status: 'STATUS_ACTIVE' })
    return [200, { id: 'operation', done: true, response: {} }]
  }
  const answerTo = async (request: IncomingMessage): Promise<Answer> => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    const [, id] = /^\/monitoring\/v3\/alerts(?:\/([^/]+))?$/.exec(pathname) ?? []
    if (request.headers.authorization !== 'Bearer t1.token')
      return [401, { code: 16, message: 'Unauthenticated' }]
    if (request.method === 'GET') return pageFrom(Number(searchParams.get('pageToken') || 0))
    return keep(id, (await json(request)) as Alert)
  }
  const server = createServer(async (request, response) => {
    const [status, body] = await answerTo(request)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => void server.close())
  return { alerts, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const alarmOf = (name: string) => ({
  ...{ name: `social-sync-${name}`, description: 'something', query: `"${name}"{folderId="f"}` },
  ...{ type: 'MAX', comparison: 'GT', threshold: 0, window: 900, delay: 60 },
})

/** A folder whose terraform has these alarms. */
function stackOf(names: readonly string[], channels: readonly string[] = ['channel-1']) {
  const folder = newFolder()
  mkdirSync(join(folder, 'terraform'))
  const program = join(folder, 'terraform-program')
  mkdirSync(program)
  const output = JSON.stringify({ folder_id: 'f', channels, alarms: names.map(alarmOf) })
  writeFileSync(join(program, 'terraform'), `#!/bin/sh\ncat <<'E'\n${output}\nE\n`)
  chmodSync(join(program, 'terraform'), 0o755)
  return { folder, env: { PATH: `${program}:${process.env['PATH']}`, YC_TOKEN: 't1.token' } }
}

test('alarms are made once, brought to what terraform says, and found by the check of the stack', async () => {
  const { alerts, url: MONITORING_URL } = await openMonitoring()
  alerts.push({ id: 'of-others', name: 'theirs' })
  const names = ['dead-letters', 'disk', 'errors']
  const { folder, env } = stackOf(names)
  const first = await cli(['alarms'], { ...env, MONITORING_URL }, folder)
  expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/^(made {4}social-sync-.*\n){3}$/) })
  const again = await cli(['alarms'], { ...env, MONITORING_URL }, folder)
  expect(again.stdout).toMatch(/^(updated social-sync-.*\n){3}$/)
  expect(alerts.map(({ name }) => name)).toEqual(['theirs', ...names.map((name) => `social-sync-${name}`)])
  expect(alerts[1]).toMatchObject({
    folderId: 'f',
    window: '900',
    channels: [{ channelId: 'channel-1' }],
    threshold: {
      selectors: '"dead-letters"{folderId="f"}',
      predicateRules: [
        {
          type: 'THRESHOLD_TYPE_MAX',
          comparison: 'COMPARISON_GT',
          threshold: 0,
          targetStatus: 'TARGET_STATUS_ALARM',
        },
      ],
    },
  })
  const { world, url } = await openApi({
    observations: fewAccounts(1),
    platforms: [],
    env: { ML_URL: undefined },
  })
  const smoke = () =>
    cli(
      ['smoke', url, '--account', `youtube:${world.world.accounts('youtube')[0]}`],
      { ...env, MONITORING_URL, SOCIAL_SYNC_API_KEY: 'k'.repeat(32) },
      folder,
    )
  expect(await smoke()).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('ok  all 3 alarms are there'),
  })
  const [, muted] = alerts
  Object.assign(muted ?? {}, { status: 'STATUS_INACTIVE' })
  expect(await smoke()).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('muted: social-sync-dead-letters'),
  })
  alerts.splice(2, 1)
  expect(await smoke()).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no alarm social-sync-disk'),
  })
})

test('what keeps alarms from being made is one line and exit 2', async () => {
  const { url: MONITORING_URL } = await openMonitoring()
  const { folder, env } = stackOf(['disk'])
  const outcome = async (change: Readonly<Record<string, string>>, at = folder) =>
    cli(['alarms'], { ...env, MONITORING_URL, ...change }, at)
  expect(await outcome({ YC_TOKEN: '' })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('set YC_TOKEN'),
  })
  expect(await outcome({ YC_TOKEN: 't1.old' })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('401'),
  })
  expect(await outcome({ PATH: '/nowhere' })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('terraform'),
  })
  const mute = stackOf(['disk'], [])
  expect(await outcome(mute.env, mute.folder)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('alarm_channels'),
  })
})
