import { PanelBuilder as BarsBuilder } from '@grafana/grafana-foundation-sdk/bargauge'
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  type Dashboard,
  DashboardBuilder,
  DatasourceVariableBuilder,
  type Panel as GrafanaPanel,
  QueryVariableBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as NumberBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as LinesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import type { Board, Panel, Variable } from './boards/board.ts'
import { boards } from './boards/index.ts'

/** Whichever Prometheus the person looks at. */
const datasource = { type: 'prometheus', uid: '$datasource' }
const wide = 24

/** Dashboards of Grafana by the names of their files. */
export const dashboards = (): Map<string, Dashboard> =>
  new Map(boards.map((board) => [`${board.uid.replace('social-sync-', '')}.json`, dashboardOf(board)]))

function dashboardOf({ uid, title, panels, variables = [] }: Board): Dashboard {
  const builder = new DashboardBuilder(`social-sync: ${title}`)
    .uid(uid)
    .tags(['social-sync'])
    .refresh('1m')
    .time({ from: 'now-24h', to: 'now' })
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'))
  for (const variable of variables) builder.withVariable(variableOf(variable))
  let place = { x: 0, y: 0 }
  for (const panel of panels) {
    const size = panel.as === 'number' ? { w: 4, h: 4 } : { w: 12, h: 8 }
    if (place.x + size.w > wide) place = { x: 0, y: place.y + (panel.as === 'number' ? 4 : 8) }
    builder.withPanel(panelOf(panel, { ...place, ...size }))
    place = { x: place.x + size.w, y: place.y }
  }
  return builder.build()
}

/** Accounts of no client have no such label: all of them are among `all`. */
const variableOf = ({ name, label, of, metric }: Variable) =>
  new QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query(`label_values(${metric}, ${of})`)
    .includeAll(true)
    .allValue('.*')

function panelOf(panel: Panel, place: { x: number; y: number; w: number; h: number }): Builder<GrafanaPanel> {
  const builder = { number: new NumberBuilder(), lines: new LinesBuilder(), bars: new BarsBuilder() }[
    panel.as
  ]
  const steps = [
    { value: null, color: 'green' },
    ...(panel.bad === undefined ? [] : [{ value: panel.bad, color: 'red' }]),
  ]
  const query = new DataqueryBuilder().expr(panel.expr).refId('A')
  return builder
    .title(panel.title)
    .description(panel.about ?? '')
    .datasource(datasource)
    .unit(panel.unit)
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps))
    .gridPos(place)
    .withTarget(panel.legend === undefined ? query.instant() : query.legendFormat(panel.legend))
}
