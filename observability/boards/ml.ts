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
      legend: '{{social_sync_state}}',
    },
    {
      title: 'Age of the oldest',
      as: 'lines',
      unit: 's',
      expr: 'max by (social_sync_state) (social_sync_ml_oldest_seconds)',
      legend: '{{social_sync_state}}',
      bad: 259_200,
    },
    {
      title: 'Jobs that ended, a day',
      as: 'bars',
      unit: 'short',
      expr: 'sum by (social_sync_outcome) (increase(social_sync_ml_settled_total[1d]))',
      legend: '{{social_sync_outcome}}',
    },
    {
      title: 'Spent today',
      as: 'lines',
      unit: 'currencyUSD',
      expr: 'sum by (social_sync_provider) (social_sync_ml_spent)',
      legend: '{{social_sync_provider}}',
      about: 'By the prices in the settings; a day is in UTC.',
    },
  ],
}
