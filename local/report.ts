import type { Standing } from './standing.ts'

const number = (value: number) => value.toLocaleString('en-US')

/** One line of progress. */
export function progressLine(standing: Standing, worldTime: Date): string {
  const { tasks, ml_jobs } = standing
  const all = Object.values(tasks).reduce((sum, count) => sum + count, 0)
  const asked = all - (tasks['queued'] ?? 0) - (tasks['waiting'] ?? 0) - (tasks['extracting'] ?? 0)
  const ml = ml_jobs.done + ml_jobs.failed + ml_jobs.expired + ml_jobs.open
  return [
    `${worldTime.toISOString().slice(0, 16).replace('T', ' ')}`,
    `accounts ${number(asked)}/${number(all)}`,
    `posts ${number(standing.posts)}`,
    `ML jobs ${number(ml - ml_jobs.open)}/${number(ml)}`,
    ...(tasks['waiting'] ? [`waiting ${number(tasks['waiting'])}`] : []),
    ...(standing.parked ? [`parked ${number(standing.parked)}`] : []),
  ].join('   ')
}

/** The result of a run, for people: aligned, with the next step. */
export function resultText(standing: Standing, databaseUrl: string | null): string {
  const { ml_jobs } = standing
  const rows: [string, number, string][] = [
    ['accounts', standing.accounts, ''],
    ['posts', standing.posts, `${number(standing.post_metrics)} rows of metric history`],
    ['ML jobs done', ml_jobs.done, `${number(standing.annotations)} annotations`],
    ['ML jobs failed', ml_jobs.failed + ml_jobs.expired, 'tried again where the provider said it may help'],
    ['quarantined', standing.quarantined, 'records refused by validation, kept with their cause'],
    ['parked', standing.parked, 'pages and jobs that wait for a person'],
  ]
  const lines = rows.map(([name, count, note]) =>
    `  ${name.padEnd(16)}${number(count).padStart(9)}   ${note}`.trimEnd(),
  )
  const where = databaseUrl
    ? `Look at the rows with psql: ${databaseUrl.replace(/:[^:@/]*@/, ':…@')}`
    : 'To look at the rows with psql: `npm start`, then database_url in .local/state.json'
  return `\n${lines.join('\n')}\n\n${where}\n`
}
