import type { Board } from './board.ts'

/** What `maintain` records each half hour. */
const last = (metric: string) => `last_over_time(${metric}[1h])`
const size = 'social_sync_db_size_bytes'
/** Once, also where it comes through two collectors. */
const once = (expr: string) => `max by (db_collection_name) (${expr})`

export const database: Board = {
  uid: 'social-sync-database',
  title: 'Database',
  panels: [
    { title: 'Size of all tables', as: 'number', unit: 'bytes', expr: `sum(${once(last(size))})` },
    {
      title: 'Growth in a day',
      as: 'number',
      unit: 'bytes',
      expr: `sum(${once(`delta(${size}[24h])`)})`,
    },
    {
      title: 'Connections, of all that the server takes',
      as: 'number',
      unit: 'percentunit',
      expr: `max(${last('social_sync_db_connections_ratio')})`,
      bad: 0.8,
      about: 'Of this database, when maintain looked; the server keeps some for its own.',
    },
    {
      title: 'Size by table',
      as: 'lines',
      unit: 'bytes',
      expr: once(last(size)),
      legend: '{{db_collection_name}}',
    },
    {
      title: 'Dead rows, of all rows',
      as: 'lines',
      unit: 'percentunit',
      expr: once(last('social_sync_db_dead_ratio')),
      legend: '{{db_collection_name}}',
      bad: 0.5,
      about: 'Large and rising: vacuum does not keep up, and the table grows for nothing.',
    },
  ],
}
