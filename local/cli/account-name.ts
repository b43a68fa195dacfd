import { nameInUrl, splitName } from '#functions/sync/handles.ts'
import { UserError } from '../user-error.ts'

/** An account as the API expects it, from `youtube:@handle` or from the address of its page. Throws a UserError. */
export function wholeName(text: string): { readonly platform: string; readonly handle: string } {
  const named = splitName(text) ?? nameInUrl(text)
  if (!named) throw new UserError(`${text} names no platform: write it as youtube:@handle`)
  return named
}
