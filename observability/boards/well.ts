import type { Board } from './board.ts'

export const well: Board = {
  uid: 'social-sync-well',
  title: 'Is all well',
  panels: [
    {
      title: 'Accounts that are late',
      as: 'number',
      unit: 'short',
      expr: 'sum(social_sync_accounts{social_sync_state="late"}) or vector(0)',
      bad: 1,
    },
    { title: 'Parked, for a person', as: 'number', unit: 'short', expr: 'sum(social_sync_parked)', bad: 1 },
    {
      title: 'Access modes in which the app is refused',
      as: 'number',
      unit: 'short',
      expr: 'sum(social_sync_app_faults) or vector(0)',
      bad: 1,
    },
    {
      title: 'Tokens that end within a week',
      as: 'number',
      unit: 'short',
      expr: 'sum(max by (social_sync_platform) (last_over_time(social_sync_tokens_ending[1h])))',
      bad: 1,
    },
    {
      title: 'Promises of the ledger broken within a day',
      as: 'number',
      unit: 'short',
      expr: 'count(max_over_time(social_sync_findings_total[24h])) or vector(0)',
      bad: 1,
    },
    {
      title: 'Calls of functions in the last half hour',
      as: 'number',
      unit: 'short',
      expr: 'sum(increase(social_sync_tick_duration_seconds_count[30m]))',
    },
    {
      title: 'Accounts by state',
      as: 'lines',
      unit: 'short',
      expr: 'sum by (social_sync_platform, social_sync_state) (social_sync_accounts)',
      legend: '{{social_sync_platform}} {{social_sync_state}}',
    },
    {
      title: 'The stalest accounts, in intervals',
      as: 'lines',
      unit: 'short',
      expr: 'topk(10, max by (social_sync_platform, social_sync_account_id) (social_sync_account_freshness_ratio))',
      legend: '{{social_sync_platform}} {{social_sync_account_id}}',
      bad: 2,
    },
  ],
}
