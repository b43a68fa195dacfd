import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { instruments } from '#shared/telemetry/metrics.ts'
import { help } from '../../local/options.ts'

const project = join(import.meta.dirname, '../..')
const read = (name: string) => readFileSync(join(project, name), 'utf8')
const docs = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'deploy/README.md'],
  ...readdirSync(join(project, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
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
    ...text.matchAll(
      /`((?:\.ci|shared|functions|local|tests|bench|docs|observability)\/[\w./-]*|[\w-]+\.(?:yml|json|mjs|sql))`/g,
    ),
  ].map(([, path = '']) => path)
  const links = [...text.matchAll(/\]\(([\w./-]+)\)/g)].map(([, path = '']) => join(dirname(name), path))
  const places = ['', 'shared/db/migrations/', 'functions/extract/']
  const missing = [...inCode, ...links].filter(
    (path) => path !== 'step.ts' && !places.some((place) => existsSync(join(project, place, path))),
  )
  expect(missing).toEqual([])
})

test('pages but these five stand in docs', () => {
  const pages = readdirSync(project).filter((name) => name.endsWith('.md') || name === 'LICENSE')
  expect(pages.sort()).toEqual(['ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md'])
})

test.for(docs)('%s names a page of docs by a link or its path', (name) => {
  expect(read(name)).not.toMatch(
    /\b(?!README|ARCHITECTURE|CHANGELOG|CONTRIBUTING|CONNECT|ANALYTICS)[A-Z]{4,}\.md/,
  )
})

test('README is one screen: at most 600 words', () => {
  expect(read('README.md').split(/\s+/).length).toBeLessThan(600)
})

test('help names every setting of the environment that the docs of use name', () => {
  for (const [name] of read('docs/use.md').matchAll(/\b(?:DATABASE|QUEUE|YOUTUBE|ML|OTEL)_[A-Z_]+\b/g))
    expect(help).toContain(name)
})

test('docs/observability.md lists every metric with its kind and unit, and no other', () => {
  const rows = [...read('docs/observability.md').matchAll(/^\| `([\w.]+)` +\| (\w+) +\| `([^`]+)` +\|/gm)]
  const listed = Object.fromEntries(rows.map(([, name = '', kind, unit]) => [name, { kind, unit }]))
  const known = Object.entries(instruments).map(([name, { kind, unit }]) => [name, { kind, unit }])
  expect(listed).toEqual(Object.fromEntries(known))
})
