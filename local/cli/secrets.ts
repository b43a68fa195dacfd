import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { platforms } from '#shared/platforms/registry.ts'
import { secretNames } from '#shared/runtime/config.ts'
import { UserError } from '../user-error.ts'
import { runCommand } from './command.ts'

const file = join(process.cwd(), 'terraform/secrets.json')
const made = [
  'API_KEY',
  'DATABASE_PASSWORD_MIGRATE',
  'DATABASE_PASSWORD_RUN',
  'DATABASE_PASSWORD_READ',
] as const
const given = [
  ...platforms.flatMap(({ reading, renewing }) => secretNames(z.object({ ...reading, ...renewing }))),
  'ML_API_KEY',
  'OTEL_EXPORTER_OTLP_HEADERS',
]

/** Makes the secrets of a deployment that can be made, and leaves room for those that platforms give. */
async function main(): Promise<number> {
  const known = readKnown()
  const secrets = {
    ...Object.fromEntries(made.map((name) => [name, randomBytes(24).toString('base64url')])),
    ...Object.fromEntries(given.map((name) => [name, ''])),
    ...known,
  }
  writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  const empty = Object.entries(secrets).flatMap(([name, value]) => (value === '' ? [name] : []))
  process.stdout.write(
    `terraform/secrets.json holds ${Object.keys(secrets).length - empty.length} secrets; only you may read it, and git leaves it out\n` +
      (empty.length > 0 ? `fill in what you use: ${empty.join(', ')}\n` : ''),
  )
  return 0
}

/** What stands there stays. */
function readKnown(): Readonly<Record<string, string>> {
  if (!existsSync(file)) return {}
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    throw new UserError('terraform/secrets.json is no JSON object of texts: mend it or move it away')
  }
}

await runCommand('npm run secrets', main)
