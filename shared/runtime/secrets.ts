import type * as z from 'zod'
import { secretNames } from './config.ts'

/** The values among these settings that are secret, each also in its parts: a database URL holds a password. */
export function secretsOf(schema: z.ZodObject, config: object): string[] {
  const given = config as Partial<Record<string, unknown>>
  const values = secretNames(schema).flatMap((name) => textsOf(given[name]))
  const passwords = values.flatMap((value) => (URL.canParse(value) ? new URL(value).password : []))
  // Settings refuse shorter ones, which would be found in innocent text; a local database may have one in its address.
  return [...values, ...passwords, ...passwords.flatMap(decoded)].filter((value) => value.length >= 12)
}

/** A secret, or several of them by names. */
const textsOf = (value: unknown): string[] => {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []
}

/** A password need not be percent-encoded right to be accepted by the server. */
function decoded(text: string): string[] {
  try {
    return [decodeURIComponent(text)]
  } catch {
    return []
  }
}
