import * as z from 'zod'
import { jsonOf } from './json.ts'

/** What is sealed in a credential. */
const Tokens = z.object({
  access: z.string().min(1),
  /** null: the platform gives none. */
  refresh: z.string().min(1).nullable(),
})

/** New tokens as a platform gives them, with their lifetimes in seconds. null: it gives no refresh token. */
export interface FreshTokens {
  readonly access: string
  readonly access_s: number
  readonly refresh: string | null
  readonly refresh_s: number | null
}

/** Reads what was sealed; undefined when it is not that. No fault names the text: it is secret. */
export function parseTokens(text: string): z.infer<typeof Tokens> | undefined {
  return Tokens.safeParse(jsonOf(text)).data
}

/**
 * Where a process keeps new tokens that the database cannot store at the moment, on disk where possible. Only sealed texts
 * belong here.
 */
export interface Spare {
  put(name: string, text: string): void
  all(): { readonly name: string; readonly text: string }[]
  remove(name: string): void
}
