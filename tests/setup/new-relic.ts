import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import protobuf from 'protobufjs'
import { onTestFinished } from 'vitest'

/** As it was decoded: names in camel case, 64-bit numbers as text, bytes in base64. */
type Decoded = Readonly<Record<string, unknown>>
interface Value {
  readonly stringValue?: string
  readonly arrayValue?: { readonly values?: readonly Value[] }
  readonly kvlistValue?: { readonly values?: readonly Attribute[] }
}
interface Attribute {
  readonly key: string
  readonly value?: Value
}
export interface Item extends Decoded {
  readonly attributes: readonly Attribute[]
  readonly resource: readonly Attribute[]
}

const signals = {
  '/v1/traces': { type: 'TracesData', path: ['resourceSpans', 'scopeSpans', 'spans'] },
  '/v1/metrics': { type: 'MetricsData', path: ['resourceMetrics', 'scopeMetrics', 'metrics'] },
  '/v1/logs': { type: 'LogsData', path: ['resourceLogs', 'scopeLogs', 'logRecords'] },
} as const
type Path = keyof typeof signals

/** Of a request (docs.newrelic.com: "New Relic OTLP endpoint"), and of attributes ("OTLP attribute limits"). */
const limits = { bytes: 1_000_000, name: 255, value: 4_095, array: 64, attributes: { span: 128, log: 255 } }
const delta = 1
const dayMs = 86_400_000

/**
 * New Relic's endpoint of OTLP over HTTP, as its documents describe it: it answers 403 without the key, 415 to what is no protobuf,
 * 413 to more than a megabyte, 400 to what it cannot decode; and 200 to what it then drops without an answer, which stands in `dropped`.
 */
export async function openNewRelic(licenseKey: string) {
  const root = await protobuf.load(join(import.meta.dirname, 'otlp.proto'))
  const taken: Record<Path, Item[]> = { '/v1/traces': [], '/v1/metrics': [], '/v1/logs': [] }
  const refused: string[] = []
  const dropped: string[] = []
  const sizes: number[] = []
  const answer = (path: string, request: IncomingMessage, sent: Buffer): number => {
    if (request.headers['api-key'] !== licenseKey) return 403
    if (!(path in signals)) return 404
    if (request.headers['content-type'] !== 'application/x-protobuf') return 415
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
    sizes.push(body.length)
    if (body.length > limits.bytes) return 413
    const { type, path: way } = signals[path as Path]
    try {
      const message = root.lookupType(type).decode(body)
      const decoded = root
        .lookupType(type)
        .toObject(message, { longs: String, bytes: String, arrays: true }) as Decoded
      const items = itemsOf(decoded, way)
      taken[path as Path].push(...items)
      dropped.push(...items.flatMap((item) => faultsOf(item, path as Path)))
      return 200
    } catch {
      return 400
    }
  }
  const server = createServer(async (request, response) => {
    const path = request.url ?? ''
    const status = answer(path, request, Buffer.concat(await request.toArray()))
    if (status !== 200) refused.push(`${path}: ${status}`)
    response.writeHead(status).end()
  })
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, taken, refused, dropped, sizes }
}

function itemsOf(decoded: Decoded, [resources, scopes, items]: readonly string[]): Item[] {
  const list = (of: Decoded, name = '') => (of[name] ?? []) as Decoded[]
  return list(decoded, resources).flatMap((one) => {
    const resource = ((one['resource'] as Decoded)?.['attributes'] ?? []) as Attribute[]
    return list(one, scopes).flatMap((scope) =>
      list(scope, items).map((item) => ({ attributes: [], ...item, resource })),
    )
  })
}

function faultsOf(item: Item, path: Path): string[] {
  const named = (fault: string) => `${path} ${String(item['name'] ?? 'line')}: ${fault}`
  const faults = [
    ...(item.resource.some(({ key }) => key === 'service.name') ? [] : ['without service.name']),
    ...attributeFaults(item.resource),
  ]
  if (path === '/v1/metrics') faults.push(...metricFaults(item))
  else {
    const most = path === '/v1/logs' ? limits.attributes.log : limits.attributes.span
    if (item.attributes.length > most) faults.push(`${item.attributes.length} attributes`)
    faults.push(...attributeFaults(item.attributes))
  }
  if (path === '/v1/traces') faults.push(...spanFaults(item))
  return faults.map(named)
}

function attributeFaults(attributes: readonly Attribute[]): string[] {
  return attributes.flatMap(({ key, value = {} }) => [
    ...(key.length > limits.name ? [`name of ${key.length} characters`] : []),
    ...((value.stringValue?.length ?? 0) > limits.value ? [`${key} of ${value.stringValue?.length}`] : []),
    ...((value.arrayValue?.values?.length ?? 0) > limits.array ? [`${key} has too many entries`] : []),
  ])
}

function metricFaults(metric: Item): string[] {
  const temporalities = ['sum', 'histogram'].flatMap((kind) => {
    const found = metric[kind] as { aggregationTemporality: number } | undefined
    return found && found.aggregationTemporality !== delta ? [`${kind} is not of deltas`] : []
  })
  const points = ['sum', 'histogram', 'gauge'].flatMap(
    (kind) => ((metric[kind] as Decoded)?.['dataPoints'] ?? []) as Item[],
  )
  return [...temporalities, ...points.flatMap(({ attributes }) => attributeFaults(attributes ?? []))]
}

function spanFaults(span: Item): string[] {
  const at = (name: string) => Number(BigInt(String(span[name])) / 1_000_000n)
  const [start, end] = [at('startTimeUnixNano'), at('endTimeUnixNano')]
  const bytes = (name: string) => Buffer.from(String(span[name]), 'base64').length
  return [
    ...(bytes('traceId') === 16 && bytes('spanId') === 8 ? [] : ['without ids']),
    ...(end < start || end - start > dayMs ? ['lasts longer than a day'] : []),
    ...(Math.abs(Date.now() - start) > dayMs ? ['is not of today'] : []),
  ]
}
