import { createServer } from 'node:http'
import { SMTPServer } from 'smtp-server'
import { onTestFinished } from 'vitest'
import { closeServer, portOf, readRequest } from '../../local/simulators/server.ts'

interface Received {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A program that receives webhooks. `answer` says with which status the next one is answered. */
export async function openReceiver(answer: () => number = () => 204) {
  const received: Received[] = []
  const server = createServer((incoming, response) => {
    void readRequest(incoming).then(({ headers, body }) => {
      received.push({ headers: headers as Record<string, string>, body })
      response.writeHead(answer()).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => closeServer(server))
  return { url: `http://127.0.0.1:${portOf(server)}/hook`, received }
}

/** A mail server that takes what comes with this login. */
export async function openMailServer(login = { user: 'sync', password: 'p' }) {
  const mails: string[] = []
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    onAuth: ({ username, password }, _session, done) =>
      username === login.user && password === login.password
        ? done(null, { user: username })
        : done(new Error('535 wrong login')),
    onData: (stream, _session, done) => {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        mails.push(Buffer.concat(parts).toString())
        done()
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  const address = server.server.address()
  const port = typeof address === 'object' ? address?.port : 0
  return { url: `smtp://${login.user}:${login.password}@127.0.0.1:${port}`, mails }
}
