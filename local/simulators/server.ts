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
  /** The path the fault is about. */
  readonly path: string
  /** How many calls; Infinity: until faults are cleared. */
  times: number
  /** Calls let through before. */
  after?: number
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

/** An HTTP server on a free port of 127.0.0.1 with a fault plan; `byNature` are faults the simulator makes itself. */
export async function openSimulator(
  answer: (request: SimRequest) => SimAnswer,
  byNature: (request: SimRequest) => Fault | undefined = () => undefined,
): Promise<Simulator> {
  const faults: Fault[] = []
  const calls = new Map<string, number>()
  const server = createServer((incoming, response) => {
    const serve = async () => {
      const request = await readRequest(incoming)
      calls.set(request.path, (calls.get(request.path) ?? 0) + 1)
      const fault = takeFault(faults, request.path) ?? byNature(request)
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
    clearFaults: () => void faults.splice(0),
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

function takeFault(faults: readonly Fault[], path: string): Fault | undefined {
  const fault = faults.find((planned) => planned.times > 0 && planned.path === path)
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
