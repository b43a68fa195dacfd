import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'

const project = join(import.meta.dirname, '../..')

const all = ['copy', 'queue', 'claims', 'growth', 'cost', 'ad-hoc', 'size', 'days']

test('the benchmarks run on a bare clone, check what they did, and write their figures', {
  timeout: 240_000,
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'social-sync-bench-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'figures.json')
  const suites = inject('isFull') ? all : ['copy', 'claims', 'ad-hoc']
  const args = ['bench/main.ts', ...suites, '--quick', '--repeats', '1', '--json', file]
  const env = { ...process.env, BENCH_DATABASE_URL: inject('serverUrl'), NO_COLOR: '1' }
  const output = execFileSync(process.execPath, args, { cwd: project, env, encoding: 'utf8' })
  const figures = JSON.parse(readFileSync(file, 'utf8'))
  expect(Object.keys(figures)).toEqual(suites)
  for (const ratio of ['first_load', 'unchanged', 'changed']) expect(figures.copy[ratio]).toBeGreaterThan(0)
  if (inject('isFull')) {
    expect(figures.queue.ours.jobs_per_second).toBeGreaterThan(0)
    expect(figures.growth['50'].callsPerAccount).toBeGreaterThan(1)
    expect(figures.cost.functions_usd).toBeGreaterThan(0)
  }
  expect(figures['ad-hoc'].median_s).toBeGreaterThan(0)
  // A claim reads due jobs only, however many are pending.
  for (const size of ['1000', '10000']) expect(figures.claims[size].worn.rows).toBe(500)
  expect(output).toContain('COPY of the whole load')
})

test.runIf(inject('isFull'))('syncs behind a load are measured while the load is under way', () => {
  const args = ['bench/main.ts', 'ad-hoc', '--behind', '--quick', '--repeats', '1']
  const env = { ...process.env, BENCH_DATABASE_URL: inject('serverUrl'), NO_COLOR: '1' }
  expect(execFileSync(process.execPath, args, { cwd: project, env, encoding: 'utf8' })).toContain(
    'behind first walks',
  )
})

test('a suite that does not exist is named, with those that do', () => {
  const run = () =>
    execFileSync(process.execPath, ['bench/main.ts', 'nonsense'], {
      cwd: project,
      encoding: 'utf8',
      stdio: 'pipe',
    })
  expect(run).toThrow(
    expect.objectContaining({ status: 2, stdout: expect.stringContaining('no such suite: nonsense') }),
  )
})
