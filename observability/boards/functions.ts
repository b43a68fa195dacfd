import { type Board, duration } from './board.ts'

export const functions: Board = {
  uid: 'social-sync-functions',
  title: 'Functions and drivers',
  panels: [
    {
      title: 'Calls a second',
      as: 'lines',
      unit: 'ops',
      expr: 'sum by (faas_name) (rate(social_sync_tick_duration_seconds_count[$__rate_interval]))',
      nrql: 'SELECT rate(count(social_sync.tick.duration), 1 second) FROM Metric FACET faas.name',
      legend: '{{faas_name}}',
    },
    {
      title: 'Time of a call, half',
      as: 'lines',
      unit: 's',
      expr: duration(0.5, 'social_sync_tick_duration_seconds', 'faas_name'),
      nrql: 'SELECT percentile(social_sync.tick.duration, 50) FROM Metric FACET faas.name',
      legend: '{{faas_name}}',
    },
    {
      title: 'Time of a call, 95 of 100',
      as: 'lines',
      unit: 's',
      expr: duration(0.95, 'social_sync_tick_duration_seconds', 'faas_name'),
      nrql: 'SELECT percentile(social_sync.tick.duration, 95) FROM Metric FACET faas.name',
      legend: '{{faas_name}}',
    },
    {
      title: 'Calls that failed, a second',
      as: 'lines',
      unit: 'ops',
      expr: 'sum by (faas_name, error_type) (rate(social_sync_tick_duration_seconds_count{error_type!=""}[$__rate_interval]))',
      nrql: 'SELECT rate(count(social_sync.tick.duration), 1 second) FROM Metric WHERE error.type IS NOT NULL FACET faas.name, error.type',
      legend: '{{faas_name}} {{error_type}}',
      bad: 0.001,
    },
    {
      title: 'Cold starts, a day',
      as: 'bars',
      unit: 'short',
      expr: 'sum by (faas_name) (increase(faas_coldstarts_total[1d]))',
      nrql: 'SELECT sum(faas.coldstarts) FROM Metric FACET faas.name SINCE 1 day ago',
      legend: '{{faas_name}}',
      about: 'First calls of an instance, which load its code and settings.',
    },
    {
      title: 'Due and not begun',
      as: 'lines',
      unit: 'short',
      expr: 'sum by (social_sync_step) (social_sync_backlog)',
      nrql: 'SELECT latest(social_sync.backlog) FROM Metric FACET social_sync.step',
      legend: '{{social_sync_step}}',
      about: 'Tasks to extract and pages to transform. Queues only ring; the ledger says what is due.',
    },
  ],
}
