import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { platforms } from '#shared/platforms/registry.ts'
import { secretNames } from '#shared/runtime/config.ts'
import { readServerless } from '../serverless.ts'
import { UserError } from '../user-error.ts'
import { type Result, result } from './result.ts'
import type { Terminal } from './terminal.ts'

/** Roles of the database: those of functions, of workers of another driver, of readers, and the owner, which maintain is. */
const roles = () => [
  ...Object.keys(readServerless().functions)
    .filter((name) => name !== 'maintain')
    .map((name) => name.replaceAll('-', '_')),
  ...['migrate', 'run', 'read'],
]
const made = () => [
  'API_KEY',
  'MEDIA_KEY',
  ...roles().map((role) => `DATABASE_PASSWORD_${role.toUpperCase()}`),
]
const given = [
  ...new Set(
    platforms.flatMap(({ reading, renewing, connecting }) =>
      secretNames(z.object({ ...reading, ...renewing, ...connecting })),
    ),
  ),
  'ML_API_KEY',
  'ML_KEYS',
  'ML_CALLBACK_KEYS',
  'MEDIA_BUCKET_SECRET',
  'STATE_REDIS_URL',
  'SMTP_URL',
  'TELEGRAM_BOT_TOKEN',
  'OTEL_EXPORTER_OTLP_HEADERS',
]

/** Makes the secrets of a deployment that can be made, and leaves room for those that platforms give. */
export async function makeSecrets({ folder }: Terminal): Promise<Result> {
  const file = join(folder, 'terraform/secrets.json')
  const known = readKnown(file)
  const secrets = {
    ...Object.fromEntries(made().map((name) => [name, randomBytes(24).toString('base64url')])),
    ...Object.fromEntries(given.map((name) => [name, ''])),
    ...known,
  }
  writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  const empty = Object.entries(secrets).flatMap(([name, value]) => (value === '' ? [name] : []))
  const count = Object.keys(secrets).length - empty.length
  const fill = empty.length > 0 ? [`fill in what you use: ${empty.join(', ')}`] : []
  const text = `terraform/secrets.json holds ${count} secrets; only you may read it, and git ignores it`
  return result({ secrets: count, empty }, [text, ...fill].join('\n'))
}

/** The secrets that the file holds already. */
function readKnown(file: string): Readonly<Record<string, string>> {
  if (!existsSync(file)) return {}
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    throw new UserError('terraform/secrets.json is not a JSON object of texts: correct it or move it away')
  }
}
