import { createServer } from 'node:http'
import { httpEvent } from '#drivers/http/event.ts'
import { closeServer, portOf, readRequest } from './simulators/server.ts'

export interface Gateway {
  readonly url: string
  close(): Promise<void>
}

interface FunctionAnswer {
  readonly statusCode: number
  readonly headers?: Record<string, string>
  readonly body?: string
  readonly isBase64Encoded?: boolean
}

/** HTTP on 127.0.0.1 to events of the sync function; an exception there is a 502, as in the cloud. */
export async function openGateway(port: number, call: (event: object) => Promise<unknown>): Promise<Gateway> {
  const server = createServer((incoming, response) => {
    void readRequest(incoming)
      .then((request) => call(httpEvent(request)))
      .then((answer) => {
        const { statusCode, headers = {}, body = '', isBase64Encoded = false } = answer as FunctionAnswer
        response.writeHead(statusCode, headers).end(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'))
      })
      .catch((error: unknown) => {
        const errorMessage = error instanceof Error ? error.message : String(error)
        response.writeHead(502, { 'x-function-error': 'true' }).end(JSON.stringify({ errorMessage }))
      })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${portOf(server)}`, close: () => closeServer(server) }
}
