import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type ExportedSpan, tracePicture } from '../../observability/trace-picture.ts'
import { openApi } from '../setup/api.ts'
import { cli } from '../setup/cli.ts'
import { project } from '../setup/start.ts'

interface Received {
  readonly path: string
  readonly body: { readonly resourceSpans: { readonly scopeSpans: { readonly spans: ExportedSpan[] }[] }[] }
}

/** A collector in a process of its own, and the spans that it has received. */
async function openReceiver() {
  const receiver = spawn(process.execPath, [join(import.meta.dirname, '../setup/otlp-receiver.ts')])
  onTestFinished(() => void receiver.kill())
  const [line] = await once(receiver.stdout, 'data')
  const url = String(line).trim()
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', url)
  vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json')
  onTestFinished(() => void vi.unstubAllEnvs())
  return async () =>
    ((await (await fetch(url)).json()) as Received[])
      .filter(({ path }) => path === '/v1/traces')
      .flatMap(({ body }) => body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans))
      .flatMap(({ spans }) => spans)
}

test('a sync asked for over HTTP is one trace to its annotations, drawn, printed, and linked to', async () => {
  const received = await openReceiver()
  const env = { TRACE_URL: 'https://traces.example/#/{trace_id}' }
  const { url, call, opened } = await openApi({ env })
  const api = { SOCIAL_SYNC_URL: url, SOCIAL_SYNC_API_KEY: 'k'.repeat(32) }
  const { body: started } = await call('POST', '/v1/syncs', { platform: 'youtube', handle: '@zerno.coffee' })
  await opened.followThrough()
  const printed = JSON.parse((await cli(['trace', started.id, '--json'], api)).stdout)
  const [task] = printed.tasks
  expect(task.trace_url).toBe(`https://traces.example/#/${task.trace_id}`)
  const { body } = await call('GET', `/v1/syncs/${started.id}`)
  expect(body.tasks[0]).toMatchObject({ trace_url: task.trace_url })
  const shown = await cli(['trace', started.id], api)
  expect(shown.stdout).toContain(task.trace_url)
  expect(shown.stdout).toMatch(/walk +the list of posts +3 pages/)
  expect(shown.stdout).toMatch(/page +channels +1 pages +1 transformed/)
  expect(shown.stdout).toMatch(/ML +text by ml +\d+ jobs +\d+ done/)
  const picture = tracePicture(await received(), task.trace_id)
  await expect(picture).toMatchFileSnapshot(join(project, 'docs/trace.svg'))
})
