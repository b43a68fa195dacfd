import type { SettingName } from './config.ts'

/** Settings whose values must never be written anywhere. */
export const secretNames = [
  'DATABASE_URL',
  'DATABASE_PASSWORD',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'QUEUE_SECRET_ACCESS_KEY',
  'YOUTUBE_API_KEY',
  'ML_API_KEY',
  'CREDENTIALS_KEY',
  'TIKTOK_CLIENT_SECRET',
  'TIKTOK_RESEARCH_CLIENT_SECRET',
  'INSTAGRAM_APP_SECRET',
  'API_KEY',
] as const satisfies SettingName[]

/** The values among these settings that are secret, each also in its parts: a database URL holds a password. */
export function secretsOf(config: object): string[] {
  const values = secretNames.flatMap((name) => (config as Partial<Record<string, string>>)[name] ?? [])
  const passwords = values.flatMap((value) => (URL.canParse(value) ? new URL(value).password : []))
  // Settings refuse shorter ones, which would be found in innocent text; a local database may have one in its address.
  return [...values, ...passwords, ...passwords.flatMap(decoded)].filter((value) => value.length >= 12)
}

/** A password need not be percent-encoded right to be accepted by the server. */
function decoded(text: string): string[] {
  try {
    return [decodeURIComponent(text)]
  } catch {
    return []
  }
}
