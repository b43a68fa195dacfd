import type { Post } from '../alerts/post.ts'
import type { StageConfig } from './config.ts'
import { hasDataKey, openDataKey } from './data-key.ts'
import type { Ports } from './ports.ts'

/** By which messages of alerts leave, as the settings are. */
export function openPost(ports: Ports, config: StageConfig<'maintain'> | StageConfig<'sync'>): Post {
  const { SMTP_URL, MAIL_FROM, TELEGRAM_BOT_TOKEN: token, TELEGRAM_URL: url, WEBHOOKS_TO } = config
  return {
    isAnywhere: WEBHOOKS_TO === 'any',
    fetch: ports.fetch,
    telegram: token === undefined ? undefined : { url: url.replace(/\/$/, ''), token },
    mail: SMTP_URL === undefined || MAIL_FROM === undefined ? undefined : { url: SMTP_URL, from: MAIL_FROM },
    dataKey: hasDataKey(config) ? openDataKey(ports, config) : null,
  }
}
