import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const project = join(import.meta.dirname, '../..')

const forbidden = [
  ['shared/model/post.ts', '#shared/db/sql.ts'],
  ['shared/model/post.ts', '../errors.ts'],
  ['shared/model/post.ts', 'node:crypto'],
  ['shared/model/post.ts', 'pino'],
  ['shared/model/post.ts', '@middy/core'],
  ['shared/runtime/ports.ts', '../../tests/setup/gate.ts'],
  ['shared/platforms/youtube/read.ts', '#shared/db/sql.ts'],
  ['shared/platforms/youtube/read.ts', '../../db/sql.ts'],
  ['shared/platforms/platform.ts', '../runtime/config.ts'],
  ['shared/platforms/platform.ts', 'ydb-sdk'],
  ['shared/ml/provider.ts', '../db/ml-jobs.ts'],
  ['shared/ml/provider.ts', '../queue/sqs.ts'],
  ['shared/http/request.ts', '../telemetry/logger.ts'],
  ['shared/http/request.ts', '../runtime/ports.ts'],
  ['shared/db/tables/posts.ts', '../../platforms/platform.ts'],
  ['shared/db/tables/posts.ts', '../../runtime/config.ts'],
  ['shared/db/tables/posts.ts', '../operations/erase.ts'],
  ['shared/db/tables/posts.ts', '../views/why.ts'],
  ['shared/db/operations/erase.ts', '../views/why.ts'],
  ['shared/db/pool.ts', '@yandex-cloud/nodejs-sdk'],
  ['shared/queue/sqs.ts', '../ml/provider.ts'],
  ['shared/telemetry/logger.ts', '#shared/runtime/config.ts'],
  ['shared/runtime/handler.ts', '#functions/poll/handler.ts'],
  ['shared/runtime/handler.ts', '../../local/cloud.ts'],
  ['functions/extract/any.ts', 'pg'],
  ['functions/extract/any.ts', '#shared/queue/sqs.ts'],
  ['functions/extract/any.ts', '#shared/queue/ymq-event.ts'],
  ['functions/maintain/any.ts', '#shared/cloud/kms.ts'],
  ['functions/extract/any.ts', '#shared/runtime/config.ts'],
  ['functions/extract/any.ts', '@middy/core'],
  ['functions/extract/any.ts', './handler.ts'],
  ['functions/extract/any.ts', '../transform/step.ts'],
  ['functions/extract/any.ts', '#functions/transform/run.ts'],
  ['functions/extract/run.ts', '#shared/runtime/ports.ts'],
  ['functions/transform/any.ts', 'pg'],
  ['functions/transform/any.ts', '@aws-sdk/client-sqs'],
  ['functions/poll/any.ts', '#shared/runtime/ports.ts'],
  ['functions/maintain/any.ts', '#shared/runtime/spare.ts'],
  ['functions/submit/any.ts', '#shared/runtime/ml.ts'],
  ['functions/sync/any.ts', '#shared/runtime/ports.ts'],
  ['functions/sync/routes/any.ts', '#shared/runtime/ports.ts'],
  ['functions/sync/routes/any.ts', '#shared/db/sql.ts'],
  ['functions/sync/forecast/any.ts', '../handler.ts'],
  ['functions/sync/api/any.ts', '../../poll/run.ts'],
  ['functions/poll/handler.ts', '@yandex-cloud/nodejs-sdk'],
  ['functions/poll/handler.ts', '../../tests/setup/gate.ts'],
  ['functions/poll/handler.ts', '#functions/submit/step.ts'],
  ['functions/poll/handler.ts', '../submit/run.ts'],
  ['functions/transform/handler.ts', '../../local/cloud.ts'],
  ['functions/extract/youtube/handler.ts', '#functions/poll/run.ts'],
  ['functions/poll/any.ts', '#drivers/core/core.ts'],
  ['functions/poll/open.ts', '@middy/core'],
  ['functions/poll/open.ts', '#functions/submit/run.ts'],
  ['shared/runtime/any.ts', '#drivers/core/core.ts'],
  ['drivers/flow/any.ts', '#functions/poll/handler.ts'],
  ['drivers/flow/any.ts', '#functions/extract/step.ts'],
  ['drivers/flow/any.ts', '../../local/cloud.ts'],
  ['drivers/flow/any.ts', '#shared/db/sql.ts'],
  ['drivers/temporal/workflows.ts', '#shared/errors.ts'],
  ['drivers/temporal/workflows.ts', 'node:crypto'],
  ['drivers/temporal/workflows.ts', '@temporalio/client'],
] as const

const allowed = [
  ['shared/model/post.ts', 'zod', 'import * as z'],
  ['shared/model/post.ts', './sync.ts', 'import { a }'],
  ['shared/db/tables/posts.ts', '../../model/post.ts', 'import type { A }'],
  ['shared/db/operations/erase.ts', '../tables/posts.ts', 'import { a }'],
  ['shared/runtime/ports.ts', '#shared/db/pool.ts', 'import { a }'],
  ['functions/extract/any.ts', '#shared/db/tables/sync-tasks.ts', 'import { a }'],
  ['functions/extract/handler.ts', './run.ts', 'import { a }'],
  ['functions/sync/routes/any.ts', '../api/post.ts', 'import { a }'],
  ['functions/poll/handler.ts', '#functions/submit/run.ts', 'import { a }'],
  ['functions/extract/youtube/handler.ts', '../handler.ts', 'import { a }'],
  ['functions/poll/open.ts', '#shared/runtime/ml.ts', 'import { a }'],
  ['functions/poll/handler.ts', '#functions/submit/open.ts', 'import { a }'],
  ['functions/sync/serve.ts', '@middy/http-router', 'import { a }'],
  ['drivers/flow/any.ts', '#functions/poll/run.ts', 'import { a }'],
  ['drivers/flow/any.ts', '../core/core.ts', 'import { a }'],
  ['drivers/temporal/workflows.ts', '@temporalio/workflow', 'import { a }'],
  ['drivers/temporal/workflows.ts', './activities.ts', 'import type { A }'],
] as const

const zodByName = [
  'shared/model/a.ts',
  'shared/ml/a.ts',
  'shared/runtime/a.ts',
  'functions/poll/a.ts',
] as const

const others = {
  'functions/extract/environment.ts': 'export const a = process.env\n',
  'functions/extract/printing.ts': "console.log('a')\n",
  'shared/db/cycle-a.ts': "import { b } from './cycle-b.ts'\nexport const a = () => b\n",
  'shared/db/cycle-b.ts': "import { a } from './cycle-a.ts'\nexport const b = () => a\n",
} as const

/** All lines of a file that a test asks about; the linter goes over all files once. */
const files = new Map<string, string[]>()
const lineOf = (file: string, line: string): number => {
  const lines = files.get(file) ?? []
  files.set(file, lines)
  if (!lines.includes(line)) lines.push(line)
  return lines.indexOf(line) + 1
}
const importing = (imported: string) => `import '${imported}'`
const named = (how: string, imported: string) => `${how} from '${imported}'`
for (const [file, imported] of forbidden) lineOf(file, importing(imported))
for (const [file, imported, how] of allowed) lineOf(file, named(how, imported))
for (const file of zodByName) lineOf(file, named('import { z }', 'zod'))

interface Diagnostic {
  readonly category: string
  readonly location: { readonly path: string; readonly start: { readonly line: number } }
}
let found: readonly Diagnostic[] = []
let copy = ''

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'social-sync-rule-'))
  cpSync(join(project, 'biome.json'), join(copy, 'biome.json'))
  symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'))
  const texts = [...files].map(([file, lines]) => [file, lines.join('\n')] as const)
  for (const [file, text] of [...texts, ...Object.entries(others)]) {
    mkdirSync(dirname(join(copy, file)), { recursive: true })
    writeFileSync(join(copy, file), text)
  }
  const biome = join(project, 'node_modules/.bin/biome')
  const { stdout } = spawnSync(biome, ['lint', '--reporter=json', '--max-diagnostics=none', '.'], {
    cwd: copy,
    encoding: 'utf8',
  })
  found = (JSON.parse(stdout) as { diagnostics: Diagnostic[] }).diagnostics
})
afterAll(() => rmSync(copy, { recursive: true, force: true }))

/** Rules that a line of a file breaks; of the whole file without a line. */
const brokenBy = (file: string, line?: number): string[] =>
  found
    .filter(({ location }) => location.path === file && (line === undefined || location.start.line === line))
    .map(({ category }) => category.split('/').at(-1) ?? '')

test.for(forbidden)('%s may not import %s', ([file, imported]) => {
  expect(brokenBy(file, lineOf(file, importing(imported)))).toContain('noRestrictedImports')
})

test.for(allowed)('%s may import %s', ([file, imported, how]) => {
  expect(brokenBy(file, lineOf(file, named(how, imported)))).not.toContain('noRestrictedImports')
})

test('the named import of zod, which bundles five times as much, is caught everywhere', () => {
  for (const file of zodByName) expect(brokenBy(file)).toContain('noRestrictedImports')
})

test('a step may not read the environment or print, and no import goes in a circle', () => {
  expect(brokenBy('functions/extract/environment.ts')).toContain('noProcessEnv')
  expect(brokenBy('functions/extract/printing.ts')).toContain('noConsole')
  expect(brokenBy('shared/db/cycle-a.ts')).toContain('noImportCycles')
})
