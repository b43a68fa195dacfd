import type { Board } from './board.ts'

export const ml: Board = {
  uid: 'social-sync-ml',
  title: 'ML',
  panels: [
    {
      title: 'Open ML jobs',
      as: 'lines',
      unit: 'short',
      expr: 'sum by (social_sync_state) (social_sync_ml_jobs)',
      nrql: 'SELECT latest(social_sync.ml.jobs) FROM Metric FACET social_sync.state',
      legend: '{{social_sync_state}}',
    },
    {
      title: 'Age of the oldest',
      as: 'lines',
      unit: 's',
      expr: 'max by (social_sync_state) (social_sync_ml_oldest_seconds)',
      nrql: 'SELECT latest(social_sync.ml.oldest) FROM Metric FACET social_sync.state',
      legend: '{{social_sync_state}}',
      bad: 259_200,
    },
    {
      title: 'Jobs that ended, a day',
      as: 'bars',
      unit: 'short',
      expr: 'sum by (social_sync_outcome) (increase(social_sync_ml_settled_total[1d]))',
      nrql: 'SELECT sum(social_sync.ml.settled) FROM Metric FACET social_sync.outcome SINCE 1 day ago',
      legend: '{{social_sync_outcome}}',
    },
    {
      title: 'Spent today',
      as: 'lines',
      unit: 'currencyUSD',
      expr: 'sum by (social_sync_provider) (social_sync_ml_spent)',
      nrql: 'SELECT latest(social_sync.ml.spent) FROM Metric FACET social_sync.provider',
      legend: '{{social_sync_provider}}',
      about: 'By the prices in the settings; a day is in UTC.',
    },
  ],
}
