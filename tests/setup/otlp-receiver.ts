import { createServer } from 'node:http'
import { gunzipSync } from 'node:zlib'

/** A process that receives OTLP over HTTP and shows at GET / what it has received; it prints its address. */
const received: { path: string; contentType: string; authorization: string; body: unknown }[] = []
const server = createServer((incoming, response) => {
  const chunks: Buffer[] = []
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
  incoming.on('end', () => {
    response.setHeader('content-type', 'application/json')
    if (incoming.method === 'GET') return response.end(JSON.stringify(received))
    const bytes = Buffer.concat(chunks)
    const text = incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes
    const contentType = String(incoming.headers['content-type'])
    const body = contentType.includes('json') ? JSON.parse(text.toString('utf8')) : text.length
    const authorization = String(incoming.headers.authorization)
    received.push({ path: incoming.url ?? '', contentType, authorization, body })
    return response.end('{}')
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}\n`)
})
