import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { functionNames } from '../../local/functions.ts'
import { project } from './start.ts'
import { init, terraform } from './terraform.ts'

const secrets = [
  ...['API_KEY', 'YOUTUBE_API_KEY'],
  ...['MIGRATE', 'RUN', 'READ'].map((role) => `DATABASE_PASSWORD_${role}`),
  ...functionNames.map((name) => `DATABASE_PASSWORD_${name.toUpperCase().replaceAll('-', '_')}`),
]
const copied = [
  ...['drivers', 'functions', 'shared', 'local', 'terraform'],
  ...['package.json', 'serverless.yml', 'esbuild.config.mjs'],
]
/** Files that a deployer keeps beside it stay out. */
const own = /\.tfstate|\.tfvars$|secrets\.json$|\.terraform\b|\.terraform\.lock/

/** A copy of the project, built, with marked secrets, whose terraform knows its provider. Returns its folder. */
export function layStack(): string {
  const folder = mkdtempSync(join(tmpdir(), 'social-sync-terraform-'))
  for (const name of copied)
    cpSync(join(project, name), join(folder, name), { recursive: true, filter: (path) => !own.test(path) })
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'))
  execFileSync(process.execPath, ['esbuild.config.mjs'], { cwd: folder, stdio: 'pipe' })
  const here = join(folder, 'terraform')
  const marked = Object.fromEntries(secrets.map((name) => [name, `marked-${name}`]))
  writeFileSync(join(here, 'secrets.json'), JSON.stringify(marked))
  cpSync(join(here, 'terraform.tfvars.example'), join(here, 'terraform.tfvars'))
  init(here)
  terraform(here, ['validate'])
  return folder
}
