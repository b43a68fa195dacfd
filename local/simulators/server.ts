import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'

/** A request as simulators see it. */
export interface SimRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface SimAnswer {
  readonly status: number
  readonly body: unknown
  readonly headers?: Record<string, string>
}

/**
 * What goes wrong with calls of a route. `status` answers instead; `drop` carries the call out and loses the answer;
 * `truncate` cuts the JSON; `edit` changes the answer's body.
 */
export interface Fault {
  /** The path the fault is about; `*` is every path. */
  readonly path: string
  /** How many calls; Infinity: until faults are cleared. */
  times: number
  /** Calls let through before. */
  after?: number
  /** Which calls of the path; absent: all. */
  readonly when?: (request: SimRequest) => boolean
  readonly status?: SimAnswer
  readonly drop?: boolean
  readonly truncate?: boolean
  readonly delayMs?: number
  readonly edit?: (body: unknown) => unknown
}

export interface Simulator {
  readonly url: string
  /** Calls answered so far, by path. */
  readonly calls: Map<string, number>
  /** Plans a fault; those planned earlier come first. */
  plan(fault: Fault): void
  clearFaults(): void
  close(): Promise<void>
}

interface SimulatorOptions {
  readonly answer: (request: SimRequest) => SimAnswer
  /** Faults the simulator makes by itself. */
  readonly byNature?: (request: SimRequest) => Fault | undefined
  /** Faults that can be switched on by name. */
  readonly named: Readonly<Record<string, { readonly faults: readonly Omit<Fault, 'times'>[] }>>
}

/**
 * An HTTP server on a free port of 127.0.0.1 with a fault plan. `/__sim` shows calls and faults that are on; POST
 * {"fault": name} switches one on, DELETE all off.
 */
export async function openSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { answer, byNature = () => undefined, named } = options
  const faults: Fault[] = []
  const calls = new Map<string, number>()
  const switched = new Set<string>()
  const clearFaults = () => {
    faults.splice(0)
    switched.clear()
  }
  const control = (request: SimRequest): SimAnswer => {
    const { fault = '' } = request.method === 'POST' ? (JSON.parse(request.body) as { fault?: string }) : {}
    if (request.method === 'POST') {
      const planned = named[fault]?.faults
      if (!planned) return { status: 400, body: { error: `no such fault: ${fault}` } }
      if (!switched.has(fault))
        faults.push(...planned.map((one) => ({ ...one, times: Number.POSITIVE_INFINITY })))
      switched.add(fault)
    }
    if (request.method === 'DELETE') clearFaults()
    return { status: 200, body: { faults: [...switched], calls: Object.fromEntries(calls) } }
  }
  const server = createServer((incoming, response) => {
    const serve = async () => {
      const request = await readRequest(incoming)
      if (request.path === '/__sim') return write(incoming, response, control(request), undefined)
      calls.set(request.path, (calls.get(request.path) ?? 0) + 1)
      const fault = takeFault(faults, request) ?? byNature(request)
      if (fault?.delayMs) await new Promise((resolve) => setTimeout(resolve, fault.delayMs))
      write(incoming, response, fault?.status ?? answer(request), fault)
    }
    serve().catch(() => response.destroy())
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    calls,
    plan: (fault) => void faults.push({ ...fault }),
    clearFaults,
    close: () => closeServer(server),
  }
}

export function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

export function closeServer(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}

export async function readRequest(incoming: IncomingMessage): Promise<SimRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1')
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  }
}

function takeFault(faults: readonly Fault[], request: SimRequest): Fault | undefined {
  const fault = faults.find(
    ({ times, path, when = () => true }) => times > 0 && ['*', request.path].includes(path) && when(request),
  )
  if (!fault) return undefined
  if (fault.after && fault.after > 0) {
    fault.after -= 1
    return undefined
  }
  fault.times -= 1
  return fault
}

function write(
  incoming: IncomingMessage,
  response: ServerResponse,
  answer: SimAnswer,
  fault: Fault | undefined,
): void {
  if (fault?.drop) {
    incoming.socket.destroy()
    return
  }
  const edited = fault?.edit ? fault.edit(answer.body) : answer.body
  if (edited instanceof Buffer) {
    response.writeHead(answer.status, answer.headers).end(edited)
    return
  }
  const whole = typeof edited === 'string' ? edited : edited === undefined ? '' : JSON.stringify(edited)
  const text = fault?.truncate ? whole.slice(0, Math.floor(whole.length / 2)) : whole
  const zipped = text.length > 20_000 && /\bgzip\b/.test(String(incoming.headers['accept-encoding'] ?? ''))
  response.writeHead(answer.status, {
    'content-type': 'application/json; charset=utf-8',
    ...(zipped ? { 'content-encoding': 'gzip' } : {}),
    ...answer.headers,
  })
  response.end(zipped ? gzipSync(text, { level: 1 }) : text)
}
