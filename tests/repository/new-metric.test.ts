import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'

const project = join(import.meta.dirname, '../..')

/** Files that do not compile any more when a number is added to these interfaces. */
function filesToMend(changes: Readonly<Record<string, string>>): string[] {
  const copy = mkdtempSync(join(tmpdir(), 'social-sync-metric-'))
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }))
  for (const part of ['functions', 'shared', 'local', 'tests', 'bench', 'package.json', 'tsconfig.json'])
    cpSync(join(project, part), join(copy, part), {
      recursive: true,
      filter: (path) => !path.endsWith('/node_modules') && !path.includes('/functions/sync/console/'),
    })
  symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'))
  for (const [model, before] of Object.entries(changes)) {
    const path = join(copy, model)
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replace(before, `readonly watches: string | null\n  ${before}`))
  }
  const { stdout } = spawnSync(join(project, 'node_modules/.bin/tsc'), ['--noEmit', '--pretty', 'false'], {
    cwd: copy,
    encoding: 'utf8',
  })
  const files = stdout.split('\n').flatMap((line) => /^(\S+)\(\d+,\d+\): error/.exec(line)?.[1] ?? [])
  return [...new Set(files)].sort()
}

test.runIf(inject('isFull'))(
  'a number of posts and one of profiles that are added do not compile until every place has them',
  {
    timeout: 120_000,
  },
  () => {
    const files = filesToMend({
      'shared/model/post.ts': 'readonly views: string | null',
      'shared/model/profile.ts': 'readonly followers: string | null',
    })
    expect(files).toEqual(
      expect.arrayContaining([
        'functions/transform/latest.ts',
        'functions/transform/write-profiles.ts',
        'shared/db/tables/metrics.ts',
        'shared/platforms/instagram/records.ts',
        'shared/platforms/tiktok/records.ts',
        'shared/platforms/tiktok/research-records.ts',
        'shared/platforms/youtube/records.ts',
        'tests/example-platform/read.ts',
      ]),
    )
  },
)
