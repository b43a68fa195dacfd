// Prints one secret of secrets.json for terraform, whose state keeps this command and not what it printed.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const file = join(import.meta.dirname, 'secrets.json')
if (!existsSync(file)) fail('terraform/secrets.json is not there: npm run secrets makes it')
const secrets = JSON.parse(readFileSync(file, 'utf8'))

const [kind, ...args] = process.argv.slice(2)
if (kind === 'value') process.stdout.write(secretOf(args[0]))
else if (kind === 'database-url') process.stdout.write(databaseUrl(...args))
else fail(`secret.mjs value NAME, or secret.mjs database-url ROLE HOST DATABASE`)

function secretOf(name) {
  const value = secrets[name]
  if (typeof value !== 'string' || value === '') fail(`${name} is not set in terraform/secrets.json`)
  return value
}

function databaseUrl(role, host, database) {
  const password = encodeURIComponent(secretOf(`DATABASE_PASSWORD_${role.toUpperCase()}`))
  return `postgresql://social_sync_${role}:${password}@${host}:6432/${database}`
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
