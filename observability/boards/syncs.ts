import type { Board } from './board.ts'

export const syncs: Board = {
  uid: 'social-sync-syncs',
  title: 'Syncs',
  panels: [
    {
      title: 'Open sync tasks',
      as: 'lines',
      unit: 'short',
      expr: 'sum by (social_sync_state) (social_sync_tasks)',
      nrql: 'SELECT latest(social_sync.tasks) FROM Metric FACET social_sync.state',
      legend: '{{social_sync_state}}',
    },
    {
      title: 'Pages a second',
      as: 'lines',
      unit: 'ops',
      expr: 'sum by (social_sync_platform, social_sync_outcome) (rate(social_sync_pages_total[$__rate_interval]))',
      nrql: 'SELECT rate(sum(social_sync.pages), 1 second) FROM Metric FACET social_sync.platform, social_sync.outcome',
      legend: '{{social_sync_platform}} {{social_sync_outcome}}',
    },
    {
      title: 'Records a second',
      as: 'lines',
      unit: 'ops',
      expr: 'sum by (social_sync_outcome) (rate(social_sync_records_total[$__rate_interval]))',
      nrql: 'SELECT rate(sum(social_sync.records), 1 second) FROM Metric FACET social_sync.outcome',
      legend: '{{social_sync_outcome}}',
    },
    {
      title: 'Fields that are not as documented',
      as: 'bars',
      unit: 'short',
      expr: 'sum by (social_sync_platform, social_sync_field) (increase(social_sync_record_issues_total[1d]))',
      nrql: 'SELECT sum(social_sync.record_issues) FROM Metric FACET social_sync.platform, social_sync.field SINCE 1 day ago',
      legend: '{{social_sync_platform}} {{social_sync_field}}',
    },
  ],
}
