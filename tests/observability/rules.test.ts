import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { findProgram } from '../../local/drivers/servers.ts'
import { readPromql } from '../setup/promql.ts'
import { project } from '../setup/start.ts'

const folder = join(project, 'observability/prometheus')
const promtool = findProgram('promtool')
if (!promtool)
  console.warn('promtool is not on the path (Debian: prometheus): the stories of the alerts are not told')

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly annotations: Readonly<Record<string, string>>
}
const { groups } = parse(readFileSync(join(folder, 'rules.yaml'), 'utf8'))
const rules: readonly Rule[] = groups.flatMap(({ rules }: { rules: readonly Rule[] }) => rules)

test.for(rules)('$alert is PromQL, and says what to do', ({ expr, annotations }) => {
  expect(readPromql(expr)).toMatchObject({ errors: [] })
  expect(Object.keys(annotations).sort()).toEqual(['summary', 'what_to_do'])
})

test('what is no PromQL is found', () => {
  expect(readPromql('sum by (a) (b{c="d"})')).toEqual({
    metrics: [{ name: 'b', labels: ['c'] }],
    groups: ['a'],
    errors: [],
  })
  expect(readPromql('sum by (a (b)').errors).not.toEqual([])
})

describe.skipIf(!promtool)('promtool', () => {
  const run = (...args: readonly string[]) =>
    execFileSync(promtool ?? '', args, { cwd: folder, encoding: 'utf8' })

  test('finds no fault in the rules and in the configuration', () => {
    expect(run('check', 'config', 'prometheus.yaml')).toContain('SUCCESS')
    expect(run('check', 'rules', 'rules.yaml')).toContain(`${rules.length} rules found`)
  })

  test('tells the story of each alert, and none that did not happen', () => {
    expect(run('test', 'rules', 'rules.test.yaml')).toContain('SUCCESS')
    const stories = readFileSync(join(folder, 'rules.test.yaml'), 'utf8')
    for (const { alert } of rules) expect(stories).toContain(`alertname: ${alert}`)
  })
})
