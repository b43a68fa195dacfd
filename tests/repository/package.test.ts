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
      expect(version, name).toMatch(/^(npm:[\w/@-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/)
  }
})

test('npm brings one Node and one PostgreSQL for every platform, and every script checks Node first', () => {
  const { scripts = {}, optionalDependencies = {} } = manifest
  const versionsOf = (part: string) =>
    Object.entries(optionalDependencies).flatMap(([name, version]) => (name.includes(part) ? [version] : []))
  for (const part of ['node-', 'postgres/']) {
    expect(versionsOf(part)).toHaveLength(4)
    expect(new Set(versionsOf(part)).size).toBe(1)
  }
  const checked = Object.keys(scripts).filter((name) => !/^pre|^format$/.test(name))
  for (const name of checked) expect(scripts[`pre${name}`], name).toMatch(/^node local\/check-node\.cjs/)
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
