import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { instruments } from '#shared/telemetry/metrics.ts'
import { boards } from '../../observability/boards/index.ts'
import { conditions } from '../../observability/new-relic/alerts.ts'
import { dashboard } from '../../observability/new-relic/dashboard.ts'
import { project } from '../setup/start.ts'

const folder = join(project, 'observability/new-relic')
const files = { 'dashboard.json': dashboard(), 'alerts.json': conditions() }

test.for(Object.entries(files))('observability/new-relic/%s is fresh', async ([name, content]) => {
  await expect(`${JSON.stringify(content, null, 2)}\n`).toMatchFileSnapshot(join(folder, name))
})

const widgets = dashboard().pages.flatMap(({ widgets }) => widgets)
const asked = [
  ...widgets.map(({ title, rawConfiguration }) => [title, rawConfiguration.nrqlQueries[0]?.query ?? '']),
  ...conditions().map(({ name, nrql }) => [name, nrql.query]),
] as [where: string, nrql: string][]

/** What Prometheus is asked for, labels among it; names.test.ts compares those with what is exported. */
const prometheus = boards.flatMap(({ panels }) => panels.map(({ expr }) => expr)).join('\n')

test.for(asked)('%s asks New Relic for a metric that exists, by attributes that it has', ([, nrql]) => {
  expect(nrql).toMatch(/^SELECT .+ FROM (Metric|\(SELECT .+ FROM Metric .+\))/)
  const names = nrql.replaceAll(/'[^']*'/g, '').match(/\b[a-z_]+(\.[a-z_]+)+\b/g) ?? []
  const metrics = names.filter((name) => name in instruments)
  expect(metrics.length).toBeGreaterThan(0)
  // What Prometheus is asked for as a label is there in New Relic with dots; alerts ask for one further.
  const further = ['social_sync.invariant']
  for (const name of names.filter((one) => !(one in instruments) && !further.includes(one)))
    expect(prometheus).toMatch(new RegExp(`\\b${name.replaceAll('.', '_')}\\b`))
})

test('New Relic has the alerts that Prometheus has, and as many panels as Grafana', () => {
  const { groups } = parse(readFileSync(join(project, 'observability/prometheus/rules.yaml'), 'utf8'))
  const rules = groups.flatMap(({ rules }: { rules: { alert: string }[] }) => rules)
  expect(conditions().map(({ name }) => name)).toEqual(rules.map(({ alert }: { alert: string }) => alert))
})

test('widgets stand beside each other on twelve columns, none over another', () => {
  for (const { widgets } of dashboard().pages) {
    const taken = new Set<string>()
    for (const { layout } of widgets)
      for (let column = layout.column; column < layout.column + layout.width; column += 1)
        for (let row = layout.row; row < layout.row + layout.height; row += 1) {
          expect(taken.has(`${column} ${row}`)).toBe(false)
          expect(column).toBeLessThanOrEqual(12)
          taken.add(`${column} ${row}`)
        }
  }
})
