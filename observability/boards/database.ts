import { type Board, total } from './board.ts'

/** What `maintain` records every ten minutes. */
const last = (metric: string) => `last_over_time(${metric}[1h])`
const size = 'social_sync_db_size_bytes'
/** Once, also where it comes through two collectors. */
const once = (expr: string) => `max by (db_collection_name) (${expr})`

export const database: Board = {
  uid: 'social-sync-database',
  title: 'Database',
  panels: [
    {
      title: 'Size of all tables',
      as: 'number',
      unit: 'bytes',
      expr: `sum(${once(last(size))})`,
      nrql: total('social_sync.db.size', 'db.collection.name'),
    },
    {
      title: 'Growth in a day',
      as: 'number',
      unit: 'bytes',
      expr: `sum(${once(`delta(${size}[24h])`)})`,
      nrql: 'SELECT sum(last - first) FROM (SELECT latest(social_sync.db.size) AS last, earliest(social_sync.db.size) AS first FROM Metric FACET db.collection.name LIMIT MAX) SINCE 1 day ago',
    },
    {
      title: 'Connections, of all that the server takes',
      as: 'number',
      unit: 'percentunit',
      expr: `max(${last('social_sync_db_connections_ratio')})`,
      nrql: 'SELECT latest(social_sync.db.connections) FROM Metric SINCE 1 hour ago',
      bad: 0.8,
      about: 'Of this database, when maintain looked; the server keeps some for its own.',
    },
    {
      title: 'Size by table',
      as: 'lines',
      unit: 'bytes',
      expr: once(last(size)),
      nrql: 'SELECT latest(social_sync.db.size) FROM Metric FACET db.collection.name',
      legend: '{{db_collection_name}}',
    },
    {
      title: 'Dead rows, of all rows',
      as: 'lines',
      unit: 'percentunit',
      expr: once(last('social_sync_db_dead_ratio')),
      nrql: 'SELECT latest(social_sync.db.dead) FROM Metric FACET db.collection.name',
      legend: '{{db_collection_name}}',
      bad: 0.5,
      about: 'Large and rising: vacuum does not keep up, and the table grows for nothing.',
    },
  ],
}
