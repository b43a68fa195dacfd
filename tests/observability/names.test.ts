import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { boards } from '../../observability/boards/index.ts'
import { hasCollector, liveThroughFaults, openCollector } from '../setup/collector.ts'
import { eventually } from '../setup/eventually.ts'
import { readPromql } from '../setup/promql.ts'
import { project } from '../setup/start.ts'

test.skipIf(!hasCollector)(
  'each metric and label of rules and panels is exported by a world with faults, through a real collector',
  async () => {
    const { scrape } = await openCollector()
    await liveThroughFaults()
    let text = ''
    await eventually(async () => {
      text = await scrape()
      return text.includes('social_sync_findings_total') && text.includes('error_type')
    })
    const names = new Map<string, Set<string>>()
    for (const [, name = '', labels = ''] of text.matchAll(/^(\w+)\{([^}]*)\}/gm)) {
      const known = names.get(name) ?? new Set()
      for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label)
      names.set(name, known)
    }
    const { groups } = parse(readFileSync(join(project, 'observability/prometheus/rules.yaml'), 'utf8'))
    const asked = [
      ...groups.flatMap(({ rules }: { rules: { alert: string; expr: string }[] }) =>
        rules.map(({ alert, expr }) => [alert, expr]),
      ),
      ...boards.flatMap(({ title, panels }) =>
        panels.map((panel) => [`${title}, ${panel.title}`, panel.expr]),
      ),
    ] as [where: string, expr: string][]
    const missing = asked.flatMap(([where, expr]) => {
      const { metrics, groups: by } = readPromql(expr.replaceAll('$__rate_interval', '5m'))
      return metrics.flatMap(({ name, labels }) =>
        ['job', ...labels, ...by]
          .filter((label) => !names.get(name)?.has(label))
          .map((label) => `${where}: ${name}{${label}}`),
      )
    })
    expect(missing).toEqual([])
    expect(asked.length).toBeGreaterThan(30)
  },
)
