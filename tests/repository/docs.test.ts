import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { instruments } from '#shared/telemetry/metrics.ts'
import { help } from '../../local/options.ts'

const project = join(import.meta.dirname, '../..')
const read = (name: string) => readFileSync(join(project, name), 'utf8')
const docs = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'OBSERVABILITY.md',
  'PERFORMANCE.md',
  'DATA.md',
  'DEPLOY.md',
  'MIGRATING.md',
]
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }

test.for(docs)('every npm script that %s names exists', (name) => {
  for (const [, script = ''] of read(name).matchAll(/npm run ([\w:-]+)/g))
    expect(scripts).toHaveProperty([script])
})

test.for(docs)('every option of npm start that %s names exists', (name) => {
  for (const [, options = ''] of read(name).matchAll(/npm start -- ([^`\n|]*)/g)) {
    for (const [option] of options.matchAll(/--[a-z]+/g)) expect(help, option).toContain(option)
  }
})

test.for(docs)('every file and folder that %s names exists', (name) => {
  const text = read(name)
  const inCode = [
    ...text.matchAll(/`((?:\.ci|shared|functions|local|tests)\/[\w./-]*|[\w-]+\.(?:yml|json|mjs|sql))`/g),
  ].map(([, path = '']) => path)
  const links = [...text.matchAll(/\]\(([\w./-]+)\)/g)].map(([, path = '']) => path)
  const places = ['', 'shared/db/migrations/', 'functions/extract/']
  const missing = [...inCode, ...links].filter(
    (path) => path !== 'step.ts' && !places.some((place) => existsSync(join(project, place, path))),
  )
  expect(missing).toEqual([])
})

test('help names every setting of the environment that README names', () => {
  for (const [name] of read('README.md').matchAll(/\b(?:DATABASE|QUEUE|YOUTUBE|ML|OTEL)_[A-Z_]+\b/g))
    expect(help).toContain(name)
})

test('OBSERVABILITY.md lists every metric with its kind and unit, and no other', () => {
  const rows = [...read('OBSERVABILITY.md').matchAll(/^\| `([\w.]+)` +\| (\w+) +\| `([^`]+)` +\|/gm)]
  const listed = Object.fromEntries(rows.map(([, name = '', kind, unit]) => [name, { kind, unit }]))
  const known = Object.entries(instruments).map(([name, { kind, unit }]) => [name, { kind, unit }])
  expect(listed).toEqual(Object.fromEntries(known))
})
