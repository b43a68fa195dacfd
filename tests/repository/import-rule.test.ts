import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const project = join(import.meta.dirname, '../..')
let copy = ''

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'social-sync-rule-'))
  cpSync(join(project, 'biome.json'), join(copy, 'biome.json'))
  symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'))
})
afterAll(() => rmSync(copy, { recursive: true, force: true }))

/** What the linter says of a file with these lines in this place. */
function lint(file: string, text: string): string {
  const path = join(copy, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  try {
    return execFileSync(join(project, 'node_modules/.bin/biome'), ['lint', path, '--colors=off'], {
      cwd: copy,
      encoding: 'utf8',
      stdio: 'pipe',
    })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    return stdout + stderr
  } finally {
    rmSync(path)
  }
}

const forbidden = [
  ['shared/model/post.ts', '#shared/db/sql.ts'],
  ['shared/model/post.ts', '../errors.ts'],
  ['shared/model/post.ts', 'node:crypto'],
  ['shared/model/post.ts', 'pino'],
  ['shared/model/post.ts', '@middy/core'],
  ['shared/runtime/ports.ts', '../../tests/setup/gate.ts'],
  ['functions/poll/handler.ts', '../../tests/setup/gate.ts'],
  ['functions/extract/keep.ts', 'pg'],
  ['functions/extract/rings.ts', '#shared/queue/sqs.ts'],
  ['functions/extract/ask.ts', '#shared/runtime/config.ts'],
  ['functions/transform/write-posts.ts', 'pg'],
  ['functions/transform/weigh-post.ts', '@middy/core'],
  ['functions/sync/start-sync.ts', '#shared/runtime/ports.ts'],
  ['shared/platforms/youtube/read.ts', '#shared/db/sql.ts'],
  ['shared/platforms/youtube/read.ts', '../../db/sql.ts'],
  ['shared/platforms/platform.ts', '../runtime/config.ts'],
  ['shared/ml/submit.ts', '../db/ml-jobs.ts'],
  ['shared/ml/submit.ts', '../queue/sqs.ts'],
  ['shared/http/request.ts', '../telemetry/logger.ts'],
  ['shared/http/request.ts', '../runtime/ports.ts'],
  ['shared/db/posts.ts', '../platforms/platform.ts'],
  ['shared/db/posts.ts', '../runtime/config.ts'],
  ['shared/queue/sqs.ts', '../ml/provider.ts'],
  ['shared/telemetry/logger.ts', '#shared/runtime/config.ts'],
  ['shared/runtime/handler.ts', '#functions/poll/handler.ts'],
  ['shared/runtime/handler.ts', '../../local/cloud.ts'],
  ['shared/db/posts.ts', '@yandex-cloud/nodejs-sdk'],
  ['shared/platforms/platform.ts', 'ydb-sdk'],
  ['functions/extract/step.ts', '../transform/step.ts'],
  ['functions/extract/handler.ts', '#functions/poll/step.ts'],
  ['functions/transform/handler.ts', '../../local/cloud.ts'],
  ['functions/extract/step.ts', './handler.ts'],
  ['functions/extract/step.ts', '#shared/runtime/config.ts'],
  ['functions/extract/step.ts', '@middy/core'],
  ['functions/transform/step.ts', 'pg'],
  ['functions/transform/plan-ml.ts', '@aws-sdk/client-sqs'],
  ['functions/poll/apply.ts', '#shared/runtime/ports.ts'],
  ['functions/poll/handler.ts', '@yandex-cloud/nodejs-sdk'],
] as const

test.for(forbidden)('%s may not import %s', ([file, imported]) => {
  expect(lint(file, `import '${imported}'\n`)).toContain('lint/style/noRestrictedImports')
})

test.for([
  ['shared/model/post.ts', 'zod', 'import * as z'],
  ['shared/model/post.ts', './sync.ts', 'import { a }'],
  ['shared/db/posts.ts', '../model/post.ts', 'import type { A }'],
  ['shared/runtime/ports.ts', '#shared/db/pool.ts', 'import { a }'],
  ['functions/extract/step.ts', '#shared/db/sync-tasks.ts', 'import { a }'],
  ['functions/extract/handler.ts', './step.ts', 'import { a }'],
] as const)('%s may import %s', ([file, imported, how]) => {
  expect(
    lint(
      file,
      `${how} from '${imported}'\nexport { ${how.includes('*') ? 'z' : how.includes('{ A }') ? 'type A' : 'a'} }\n`,
    ),
  ).not.toContain('noRestrictedImports')
})

test('the named import of zod, which bundles five times as much, is caught everywhere', () => {
  for (const file of ['shared/model/a.ts', 'shared/ml/a.ts', 'shared/runtime/a.ts', 'functions/poll/a.ts']) {
    expect(lint(file, `import { z } from 'zod'\nexport { z }\n`)).toContain('noRestrictedImports')
  }
})

test('a step may not read the environment, and nobody may print', () => {
  expect(lint('functions/extract/step.ts', 'export const a = process.env\n')).toContain('noProcessEnv')
  expect(lint('functions/extract/step.ts', "console.log('a')\n")).toContain('noConsole')
})

test('an import cycle is caught', () => {
  const other = join(copy, 'shared/db/b.ts')
  mkdirSync(dirname(other), { recursive: true })
  writeFileSync(other, "import { a } from './a.ts'\nexport const b = () => a\n")
  expect(lint('shared/db/a.ts', "import { b } from './b.ts'\nexport const a = () => b\n")).toContain(
    'noImportCycles',
  )
})
