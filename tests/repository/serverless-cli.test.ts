import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { functionNames } from '../../local/functions.ts'

const project = join(import.meta.dirname, '../..')
const installed = join(project, 'node_modules')

/** Made-up credentials: the plugin wants some to be there, and nothing here asks the cloud. */
const offline = {
  YC_IAM_TOKEN: 'offline',
  YC_OAUTH_TOKEN: 'offline',
  YC_CLOUD_ID: 'offline',
  YC_FOLDER_ID: 'offline',
  SLS_TELEMETRY_DISABLED: '1',
}
let folder = ''
const serverless = (...args: string[]) =>
  execFileSync(process.execPath, [join(installed, 'serverless/bin/serverless.js'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: 'pipe',
    env: { ...process.env, ...offline },
  })

describe('the serverless command', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'social-sync-serverless-'))
    cpSync(join(project, 'serverless.yml'), join(folder, 'serverless.yml'))
    mkdirSync(join(folder, 'local'))
    cpSync(join(project, 'local/serverless-nodejs22.cjs'), join(folder, 'local/serverless-nodejs22.cjs'))
    symlinkSync(installed, join(folder, 'node_modules'))
    mkdirSync(join(folder, 'dist'))
    for (const name of functionNames)
      writeFileSync(join(folder, `dist/${name}.zip`), 'an archive of the build')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('prints every function by the strictest reading of its plugin', () => {
    const { functions, configValidationMode } = JSON.parse(serverless('print', '--format', 'json'))
    expect(configValidationMode).toBe('error')
    expect(Object.keys(functions).sort()).toEqual([...functionNames].sort())
  })

  test('packages the archives of the build as they are', () => {
    expect(() => serverless('package')).not.toThrow()
    rmSync(join(folder, 'dist/poll.zip'))
    expect(() => serverless('package')).toThrow()
  })
})
