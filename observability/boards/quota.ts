import { type Board, duration } from './board.ts'

/** Seconds until the day of YouTube ends: midnight in California, without its summer time. */
const secondsLeft = '((32 - hour() - 1) % 24 * 3600 + (60 - minute()) * 60)'

export const quota: Board = {
  uid: 'social-sync-quota',
  title: 'Platforms and quota',
  panels: [
    {
      title: 'Quota used',
      as: 'bars',
      unit: 'percentunit',
      expr: 'max by (social_sync_pool) (social_sync_quota_used_ratio)',
      nrql: 'SELECT latest(social_sync.quota.used) FROM Metric FACET social_sync.pool',
      legend: '{{social_sync_pool}}',
      bad: 0.9,
    },
    {
      title: 'Quota over time',
      as: 'lines',
      unit: 'percentunit',
      expr: 'max by (social_sync_pool) (social_sync_quota_used_ratio)',
      nrql: 'SELECT latest(social_sync.quota.used) FROM Metric FACET social_sync.pool',
      legend: '{{social_sync_pool}}',
      bad: 0.9,
    },
    {
      title: 'Forecast of a day of YouTube to its end',
      as: 'lines',
      unit: 'percentunit',
      expr: `max by (social_sync_pool) (social_sync_quota_used_ratio{social_sync_pool=~"youtube[.].+[.]day"} + clamp_min(deriv(social_sync_quota_used_ratio{social_sync_pool=~"youtube[.].+[.]day"}[2h]), 0) * scalar(vector(1) * ${secondsLeft}))`,
      nrql: "SELECT predictLinear(social_sync.quota.used, 6 hours) FROM Metric WHERE social_sync.pool LIKE 'youtube.%.day' FACET social_sync.pool",
      legend: '{{social_sync_pool}}',
      bad: 1,
      about: 'What is used, and what would be at the pace of the last two hours.',
    },
    {
      title: 'Calls a second',
      as: 'lines',
      unit: 'ops',
      expr: 'sum by (server_address) (rate(http_client_request_duration_seconds_count[$__rate_interval]))',
      nrql: 'SELECT rate(count(http.client.request.duration), 1 second) FROM Metric FACET server.address',
      legend: '{{server_address}}',
    },
    {
      title: 'Answers other than 2xx',
      as: 'lines',
      unit: 'ops',
      expr: 'sum by (server_address, http_response_status_code) (rate(http_client_request_duration_seconds_count{http_response_status_code!~"2.."}[$__rate_interval]))',
      nrql: 'SELECT rate(count(http.client.request.duration), 1 second) FROM Metric WHERE http.response.status_code < 200 OR http.response.status_code >= 300 FACET server.address, http.response.status_code',
      legend: '{{server_address}} {{http_response_status_code}}',
    },
    {
      title: 'Time of an answer, 95 of 100',
      as: 'lines',
      unit: 's',
      expr: duration(0.95, 'http_client_request_duration_seconds', 'server_address'),
      nrql: 'SELECT percentile(http.client.request.duration, 95) FROM Metric FACET server.address',
      legend: '{{server_address}}',
    },
  ],
}
