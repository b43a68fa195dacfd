import { type HttpBindings, serve as listen } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { Problem, problemResponse } from '#shared/http/problem.ts'
import type { Answering } from './answer.ts'
import { httpEvent } from './event.ts'

export interface ApiServer {
  readonly port: number
  /** Takes no further request, and resolves when those under way are answered. */
  close(): Promise<void>
}

interface ServerOptions {
  readonly host: string
  /** 0: a free one. */
  readonly port: number
  /** Pages of the orchestrator below an address, which check keys by themselves. */
  readonly board?: { readonly path: string; readonly app: Hono } | undefined
}

type Server = { Bindings: HttpBindings }
interface Answer {
  readonly statusCode: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly isBase64Encoded?: boolean
}

/** As much as the cloud's gateway takes. */
const mostBytes = 3_500_000

/** The HTTP API and the console as a plain server: the same routes as the function has. */
export async function openServer(
  answer: Answering,
  { host, port, board }: ServerOptions,
): Promise<ApiServer> {
  const app = new Hono<Server>()
  if (board) app.route(board.path, board.app)
  const tooLarge = () =>
    toResponse(
      problemResponse(
        new Problem(413, 'too_large', `a body has at most ${mostBytes} bytes`, [], { connection: 'close' }),
      ),
    )
  app.all('*', bodyLimit({ maxSize: mostBytes, onError: tooLarge }), async (context) => {
    return toResponse(await answer(await eventOf(context)))
  })
  return new Promise((resolve, reject) => {
    // The rest of the process keeps the global `Request` and `Response`: Hono's check less.
    const options = { fetch: app.fetch, hostname: host, port, overrideGlobalObjects: false }
    const server = listen(options, ({ port: own }) =>
      resolve({ port: own, close: () => new Promise((done) => server.close(() => done())) }),
    )
    server.once('error', reject)
  })
}

async function eventOf({ req, env }: Context<Server>): Promise<object> {
  const { pathname, searchParams } = new URL(req.url)
  return httpEvent({
    ...{ method: req.method, path: pathname, query: searchParams, headers: env.incoming.headers },
    body: await req.text(),
    sourceIp: env.incoming.socket.remoteAddress ?? '',
  })
}

function toResponse(answer: object): Response {
  const { statusCode, headers = {}, body = '', isBase64Encoded = false } = answer as Answer
  const isEmpty = statusCode === 204 || statusCode === 304
  return new Response(isEmpty ? null : Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'), {
    status: statusCode,
    headers,
  })
}
