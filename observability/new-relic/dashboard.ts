import type { Panel } from '../boards/board.ts'
import { boards } from '../boards/index.ts'

/** The account stands in each query: terraform, or the person who imports it, puts the own one in its place. */
const accountIds = [0]
const columns = 12
const kinds = { number: 'viz.billboard', lines: 'viz.line', bars: 'viz.bar' } as const

/** The boards of Grafana as pages of one dashboard, as NerdGraph's `dashboardCreate` and the import of New Relic take it. */
export const dashboard = () => ({
  name: 'social-sync',
  description: 'Accounts kept in sync, quota, ML jobs, functions and the database',
  permissions: 'PUBLIC_READ_WRITE',
  pages: boards.map(({ title, panels }) => ({ name: title, description: null, widgets: placed(panels) })),
})

function placed(panels: readonly Panel[]) {
  let place = { column: 1, row: 1 }
  return panels.map((panel) => {
    const size = panel.as === 'number' ? { width: 2, height: 2 } : { width: 6, height: 3 }
    if (place.column + size.width > columns + 1) place = { column: 1, row: place.row + size.height }
    const layout = { ...place, ...size }
    place = { ...place, column: place.column + size.width }
    return {
      title: panel.title,
      layout,
      visualization: { id: kinds[panel.as] },
      rawConfiguration: asks(panel),
    }
  })
}

const asks = ({ as, nrql, bad }: Panel) => ({
  nrqlQueries: [{ accountIds, query: as === 'lines' ? `${nrql} TIMESERIES` : nrql }],
  ...(as === 'number' && bad !== undefined
    ? { thresholds: [{ alertSeverity: 'CRITICAL', value: bad }] }
    : {}),
})
