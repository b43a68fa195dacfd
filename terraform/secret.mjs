// Prints one secret of secrets.json for terraform, whose state keeps this command and not what it printed.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const file = join(import.meta.dirname, 'secrets.json')
if (!existsSync(file)) fail('terraform/secrets.json is not there: npm run secrets makes it')
const secrets = JSON.parse(readFileSync(file, 'utf8'))

const [kind, name] = process.argv.slice(2)
if (kind === 'value') process.stdout.write(secretOf(name))
else fail('secret.mjs value NAME')

function secretOf(name) {
  const value = secrets[name]
  if (typeof value !== 'string' || value === '') fail(`${name} is not set in terraform/secrets.json`)
  return value
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
