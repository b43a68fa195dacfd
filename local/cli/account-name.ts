import { nameInUrl } from '#functions/sync/handles.ts'
import { platformNames } from '#shared/platforms/index.ts'
import { UserError } from '../user-error.ts'

const prefixed = new RegExp(`^(${platformNames.join('|')}):(.+)$`)

/** `platform:name` in its two parts; undefined: the text has no platform in front. */
export function splitName(text: string): { readonly platform: string; readonly name: string } | undefined {
  const [, platform, name] = prefixed.exec(text) ?? []
  return platform && name ? { platform, name } : undefined
}

/** An account as the API expects it, from `youtube:@handle` or from the address of its page. */
export function accountName(text: string): { readonly platform?: string; readonly handle: string } {
  const split = splitName(text)
  return split ? { platform: split.platform, handle: split.name } : (nameInUrl(text) ?? { handle: text })
}

/** The same where the platform must be known. Throws a UserError. */
export function wholeName(text: string): { readonly platform: string; readonly handle: string } {
  const { platform, handle } = accountName(text)
  if (!platform) throw new UserError(`${text} names no platform: write it as youtube:@handle`)
  return { platform, handle }
}
