import type { Fetch } from '../http/request.ts'
import type { Channel } from '../model/alert.ts'

/** By which messages leave; what the settings lack is undefined. */
export interface Post {
  /** Whether a webhook may be within a private network. */
  readonly isAnywhere: boolean
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
  { telegram, mail, dataKey }: Pick<Post, 'telegram' | 'mail' | 'dataKey'>,
): string | null {
  if (kind === 'telegram' && !telegram) return 'no bot is set up: TELEGRAM_BOT_TOKEN'
  if (kind === 'email' && !mail) return 'no mail server is set up: SMTP_URL and MAIL_FROM'
  return kind === 'webhook' && !dataKey ? 'there is no data key to sign with: CREDENTIALS_KEY' : null
}
