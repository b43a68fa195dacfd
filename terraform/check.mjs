// What would make an apply stop in its middle, asked before it begins: node terraform/check.mjs && terraform -chdir=terraform apply
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

const faults = [...ofToken(process.env.YC_TOKEN), ...ofSecrets(), ...ofBuild()]
for (const fault of faults) process.stderr.write(`${fault}\n`)
if (faults.length === 0) process.stdout.write('ready to apply\n')
process.exitCode = faults.length > 0 ? 1 : 0

/** The provider takes other kinds as well, and what calls maintain at the end of an apply does not. */
function ofToken(token) {
  if (!token) return ['YC_TOKEN is not set: export YC_TOKEN=$(yc iam create-token)']
  if (/^t1\.[\w-]+={0,2}\.[\w-]+={0,2}$/.test(token)) return []
  const kind = /^(y[0-3]_|AQ)/.test(token) ? 'an OAuth token' : 'of an unknown kind'
  return [`YC_TOKEN is ${kind}, and an IAM token is needed: export YC_TOKEN=$(yc iam create-token)`]
}

function ofSecrets() {
  const file = join(import.meta.dirname, 'secrets.json')
  if (!existsSync(file)) return ['terraform/secrets.json is not there: npm run secrets']
  try {
    const secrets = JSON.parse(readFileSync(file, 'utf8'))
    const missing = ['API_KEY', ...passwords()].filter((name) => !secrets[name])
    return missing.length > 0 ? [`terraform/secrets.json lacks ${missing.join(', ')}: npm run secrets`] : []
  } catch {
    return ['terraform/secrets.json is not JSON: correct it']
  }
}

/** Of the roles of the database, each function but maintain one, and three others. */
function passwords() {
  const { functions } = parse(readFileSync(join(import.meta.dirname, '../serverless.yml'), 'utf8'))
  const names = Object.keys(functions).filter((name) => name !== 'maintain')
  return [...names, 'migrate', 'run', 'read'].map(
    (name) => `DATABASE_PASSWORD_${name.toUpperCase().replaceAll('-', '_')}`,
  )
}

function ofBuild() {
  const built = join(import.meta.dirname, '../dist/settings.json')
  return existsSync(built) ? [] : ['dist/ is not there: npm ci && npm run build']
}
