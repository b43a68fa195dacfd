import { sealWith } from '../cloud/seal.ts'
import { TerminalError } from '../errors.ts'
import type { Fetch } from '../http/request.ts'
import { type Channel, secretAbout } from '../model/alert.ts'
import { type Telling, write } from './compose.ts'
import { tellTelegram } from './telegram.ts'
import { tellWebhook } from './webhook.ts'

/** By which messages leave; what the settings lack is undefined. */
export interface Post {
  /** To addresses that people gave. */
  readonly outside: Fetch
  /** To services that the settings name. */
  readonly fetch: Fetch
  readonly telegram: { readonly url: string; readonly token: string } | undefined
  readonly mail: { readonly url: string; readonly from: string } | undefined
  /** Opens secrets of channels. null: there is no data key. */
  readonly dataKey: (() => Promise<Buffer>) | null
}

/** What a channel cannot do without, as the settings are. null: nothing is missing. */
export function lackOf(
  kind: Channel['kind'],
  { telegram, mail, dataKey }: Omit<Post, 'outside' | 'fetch'>,
): string | null {
  if (kind === 'telegram' && !telegram) return 'no bot is set up: TELEGRAM_BOT_TOKEN'
  if (kind === 'email' && !mail) return 'no mail server is set up: SMTP_URL and MAIL_FROM'
  return kind === 'webhook' && !dataKey ? 'there is no data key to sign with: CREDENTIALS_KEY' : null
}

/** Tells a channel. Throws a TerminalError where that is in vain, a RetryableError where it may be done later. */
export async function tell(post: Post, channel: Channel, telling: Telling, now: Date): Promise<void> {
  const lack = lackOf(channel.kind, post)
  if (lack !== null) throw new TerminalError(lack, { reason: 'config' })
  const written = write(telling, channel.language)
  const { target, sealed_secret } = channel
  if (channel.kind === 'telegram' && post.telegram)
    return tellTelegram(post.fetch, { ...post.telegram, chat: target }, written)
  if (channel.kind === 'email' && post.mail) {
    const { sendMail } = await import('../cloud/mail.ts')
    const mail = { from: post.mail.from, to: target, id: telling.key }
    return sendMail(post.mail.url, { ...mail, subject: written.title, text: written.text })
  }
  if (!post.dataKey || sealed_secret === null)
    throw new TerminalError('the channel has no secret to sign with')
  const secret = sealWith(await post.dataKey()).open(sealed_secret, secretAbout(channel.name))
  return tellWebhook(post.outside, { target, secret }, telling, written, now)
}
