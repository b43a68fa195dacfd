import { sealWith } from '../cloud/seal.ts'
import { TerminalError } from '../errors.ts'
import { type Channel, secretAbout } from '../model/alert.ts'
import { type Telling, write } from './compose.ts'
import { outsideFetch } from './outside.ts'
import { lackOf, type Post } from './post.ts'
import { tellTelegram } from './telegram.ts'
import { tellWebhook } from './webhook.ts'

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
  return tellWebhook(outsideFetch(post.isAnywhere), { target, secret }, telling, written, now)
}
