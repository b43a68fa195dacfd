import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../local/free-port.ts'
import { hasCollector, runCollector } from '../setup/collector.ts'
import { eventually } from '../setup/eventually.ts'

interface Taken {
  readonly path: string
  readonly headers: NodeJS.Dict<string | string[]>
  /** Unpacked. */
  readonly body: Buffer
}

/** A backend that keeps what it receives over OTLP. */
async function openBackend() {
  const taken: Taken[] = []
  const server = createServer(async (request, response) => {
    const sent = Buffer.concat(await request.toArray())
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
    taken.push({ path: request.url ?? '', headers: request.headers, body })
    response.end()
  })
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, taken }
}

const nowMs = Date.now()
const now = `${nowMs}000000`
const metric = { name: 'social_sync.findings', unit: '{finding}' }
const sum = { isMonotonic: true, aggregationTemporality: 1 }
const point = { asInt: '7', startTimeUnixNano: now, timeUnixNano: now }
const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', name: 'extract' }
const line = (text: string) => ({ timeUnixNano: now, body: { stringValue: text } })

/** Sends a metric, a span, and 30 lines that are more than a megabyte together. */
async function sendTo(url: string): Promise<void> {
  const lines = Array.from({ length: 30 }, (_, index) => line(`${index} ${'x'.repeat(50_000)}`))
  const requests = {
    metrics: {
      resourceMetrics: [
        { scopeMetrics: [{ metrics: [{ ...metric, sum: { ...sum, dataPoints: [point] } }] }] },
      ],
    },
    traces: {
      resourceSpans: [
        { scopeSpans: [{ spans: [{ ...span, startTimeUnixNano: now, endTimeUnixNano: now }] }] },
      ],
    },
    logs: { resourceLogs: [{ scopeLogs: [{ logRecords: lines }] }] },
  }
  for (const [signal, body] of Object.entries(requests)) {
    const request = { method: 'POST', headers: { 'content-type': 'application/json' } }
    const response = await fetch(`${url}/v1/${signal}`, { ...request, body: JSON.stringify(body) })
    expect(response.status).toBe(200)
  }
}

const backends = [
  {
    config: 'new-relic.yaml',
    env: (url: string) => ({ NEW_RELIC_ENDPOINT: url, NEW_RELIC_LICENSE_KEY: 'license' }),
    headers: { 'api-key': 'license', 'content-encoding': 'gzip', 'content-type': 'application/x-protobuf' },
    paths: ['/v1/logs', '/v1/metrics', '/v1/traces'],
    atOnce: 1_000_000,
  },
  {
    config: 'monium.yaml',
    env: (url: string) => ({
      ...{ MONIUM_ENDPOINT: `${url}/otlp`, MONIUM_API_KEY: 'key', MONIUM_PROJECT: 'folder__b1g' },
    }),
    headers: { authorization: 'Api-Key key', 'x-monium-project': 'folder__b1g', 'content-encoding': 'gzip' },
    paths: ['/otlp/v1/logs', '/otlp/v1/metrics', '/otlp/v1/traces'],
    atOnce: 4_000_000,
  },
  {
    config: 'grafana.yaml',
    env: (url: string) => ({ LOKI_ENDPOINT: `${url}/otlp`, TEMPO_ENDPOINT: url }),
    headers: { 'content-type': 'application/x-protobuf' },
    paths: ['/otlp/v1/logs', '/v1/traces'],
    atOnce: 4_000_000,
  },
]

test.skipIf(!hasCollector).for(backends)(
  'the collector sends all signals on with $config: where they belong, with its key, in pieces the backend takes',
  async ({ config, env, headers, paths, atOnce }) => {
    const { url, taken } = await openBackend()
    const scraped = `127.0.0.1:${await freePort()}`
    await sendTo(await runCollector(config, { ...env(url), PROMETHEUS_ENDPOINT: scraped }))
    const all = () => Buffer.concat(taken.map(({ body }) => body)).toString('latin1')
    await eventually(async () => {
      const found = new Set(taken.map(({ path }) => path))
      return paths.every((path) => found.has(path)) && all().includes('29 xxx')
    })
    expect([...new Set(taken.map(({ path }) => path))].sort()).toEqual(paths)
    for (const { headers: sent, body } of taken) {
      expect(sent).toMatchObject(headers)
      expect(body.length).toBeLessThan(atOnce)
    }
    expect(all()).toContain('extract')
    const scrape = async () => (await fetch(`http://${scraped}/metrics`)).text()
    if (config === 'grafana.yaml') expect(await scrape()).toContain('social_sync_findings_total')
    else expect(all()).toContain(metric.name)
  },
)

test.skipIf(!hasCollector)('calls that end at once, by clocks that differ, are all counted', async () => {
  const scraped = `127.0.0.1:${await freePort()}`
  const url = await runCollector('prometheus.yaml', { PROMETHEUS_ENDPOINT: scraped })
  const headers = { 'content-type': 'application/json' }
  const send = (asInt: number, offMs: number) => {
    const timeUnixNano = `${nowMs + offMs}000000`
    const dataPoints = [{ asInt, startTimeUnixNano: `${nowMs + offMs - 1_000}000000`, timeUnixNano }]
    const scopeMetrics = [{ metrics: [{ ...metric, sum: { ...sum, dataPoints } }] }]
    const body = JSON.stringify({ resourceMetrics: [{ scopeMetrics }] })
    return fetch(`${url}/v1/metrics`, { method: 'POST', headers, body })
  }
  await send(1, 0)
  await Promise.all(Array.from({ length: 100 }, (_, index) => send(10, -index * 100)))
  await send(1_000, -5_000)
  await eventually(async () => / 2001$/m.test(await (await fetch(`http://${scraped}/metrics`)).text()))
})
