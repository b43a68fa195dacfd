import { join } from 'node:path'
import { expect, test } from 'vitest'
import { boards } from '../../observability/boards/index.ts'
import { dashboards } from '../../observability/dashboards.ts'
import { readPromql } from '../setup/promql.ts'
import { project } from '../setup/start.ts'

test.for([...dashboards()])(
  'observability/grafana/%s is what observability/boards says',
  async ([name, dashboard]) => {
    const path = join(project, 'observability/grafana', name)
    await expect(`${JSON.stringify(dashboard, null, 2)}\n`).toMatchFileSnapshot(path)
  },
)

test.for(boards.flatMap(({ title, panels }) => panels.map((panel) => ({ board: title, ...panel }))))(
  '$board: $title asks in PromQL',
  ({ expr }) => {
    expect(readPromql(expr.replaceAll('$__rate_interval', '5m')).errors).toEqual([])
  },
)

test('panels stand beside each other, none over another', () => {
  for (const { panels = [] } of dashboards().values()) {
    const taken = new Set<string>()
    for (const { gridPos } of panels as { gridPos: { x: number; y: number; w: number; h: number } }[])
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.has(`${x} ${y}`)).toBe(false)
          expect(x).toBeLessThan(24)
          taken.add(`${x} ${y}`)
        }
  }
})
