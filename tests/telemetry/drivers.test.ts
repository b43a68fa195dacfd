import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { eventually } from '../setup/eventually.ts'
import { canDrive, openOrchestrator, spawnProcess } from '../setup/orchestrator.ts'
import { fewAccounts, openTestWorld } from '../setup/world.ts'

interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
}

/** A collector in a process of its own. */
async function openReceiver() {
  const receiver = spawn(process.execPath, [join(import.meta.dirname, '../setup/otlp-receiver.ts')])
  onTestFinished(() => void receiver.kill())
  const [line] = await once(receiver.stdout, 'data')
  const url = String(line).trim()
  const spans = async (): Promise<Span[]> => {
    const received = (await (await fetch(url)).json()) as { path: string; body: never }[]
    return received
      .filter(({ path }) => path === '/v1/traces')
      .flatMap(({ body }) => body['resourceSpans'] as never[])
      .flatMap((one) => one['scopeSpans'] as never[])
      .flatMap((one) => one['spans'] as Span[])
  }
  return { url, spans }
}

/** Names of spans of the orchestrator that a sync passes, beside those of the product itself. */
const passed = {
  flow: [/^addFlow/, /^process fetch/, /^process transform/],
  temporal: [/^extract$/, /^transform$/],
} as const

for (const name of ['flow', 'temporal'] as const)
  test.skipIf(!canDrive(name))(
    `a sync by ${name} is one trace, from the request to the rows`,
    {
      timeout: 60_000,
    },
    async () => {
      const receiver = await openReceiver()
      const { driver } = await openOrchestrator(name)
      const world = await openTestWorld({ observations: fewAccounts(1), driver })
      await world.db.rows(sql`update accounts set next_sync_at = app_now() + interval '1 day'`)
      const otlp = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }
      const env = { ...world.workerEnv, ...otlp }
      const worker = spawnProcess(name, env)
      const api = spawnProcess('http', {
        ...env,
        DRIVER: name,
        API_KEY: 'k'.repeat(32),
        HOST: '127.0.0.1',
        PORT: '0',
      })
      const portOf = () => /"port":(\d+)/.exec(api.output())?.[1]
      await eventually(async () => portOf() !== undefined)
      const trace = '0af7651916cd43dd8448eb211c80319c'
      const [handle] = world.world.accounts('youtube')
      const asked = await fetch(`http://127.0.0.1:${portOf()}/v1/syncs`, {
        method: 'POST',
        headers: {
          ...{ 'content-type': 'application/json', 'x-api-key': 'k'.repeat(32) },
          traceparent: `00-${trace}-b7ad6b7169203331-01`,
        },
        body: JSON.stringify({ platform: 'youtube', handle }),
      })
      expect(asked.status).toBe(202)
      await eventually(
        async () =>
          (await world.db.rows(sql`select from sync_tasks where status = 'enriching'`)).length === 1,
      )
      await Promise.all([worker.stop(), api.stop()])
      const spans = await receiver.spans()
      const names = spans.filter(({ traceId }) => traceId === trace).map((span) => span.name)
      for (const wanted of ['sync', 'follow', 'walk', 'page', 'GET']) expect(names).toContain(wanted)
      for (const wanted of passed[name])
        expect(
          names.some((one) => wanted.test(one)),
          `${wanted} in ${names}`,
        ).toBe(true)
      // Every span of it hangs on another one of it, up to the caller's.
      const known = new Set([...spans.map(({ spanId }) => spanId), 'b7ad6b7169203331'])
      const loose = spans.filter(
        ({ traceId, parentSpanId }) => traceId === trace && !known.has(parentSpanId ?? ''),
      )
      expect(loose).toEqual([])
    },
  )
