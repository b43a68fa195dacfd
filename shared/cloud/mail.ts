import { createTransport } from 'nodemailer'
import { RetryableError, TerminalError } from '../errors.ts'

export interface Mail {
  readonly from: string
  readonly to: string
  readonly subject: string
  readonly text: string
  /** Of this message whenever it is sent, so that a reader's program knows it again. */
  readonly id: string
}

const timeoutMs = 10_000
const isThisMachine = (host: string) => ['localhost', '127.0.0.1', '[::1]'].includes(host)

/**
 * Sends an e-mail by SMTP. Throws a TerminalError where the server refuses it for good (5xx), a RetryableError otherwise.
 * @param url smtps://user:password@host:465, or smtp:// with STARTTLS, without which nothing is sent but to this machine itself
 */
export async function sendMail(url: string, { id, ...mail }: Mail): Promise<void> {
  const transport = createTransport({
    url,
    requireTLS: !isThisMachine(new URL(url).hostname),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  try {
    await transport.sendMail({ ...mail, messageId: `<${id}@social-sync>` })
  } catch (cause) {
    const code = cause instanceof Error && 'responseCode' in cause ? Number(cause.responseCode) : 0
    const message = code > 0 ? `the mail server answered with ${code}` : 'no answer from the mail server'
    if (code >= 500) throw new TerminalError(message, { reason: 'refused', cause })
    throw new RetryableError(message, { reason: 'unreachable', cause })
  } finally {
    transport.close()
  }
}
