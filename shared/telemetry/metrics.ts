import { type Attributes, metrics } from '@opentelemetry/api'

/** Every metric, its kind, unit and meaning; docs/observability.md is checked against this list. */
export const instruments = {
  'social_sync.tick.duration': {
    kind: 'histogram',
    unit: 's',
    about: 'Time of one call of a function, by faas.name.',
  },
  'faas.coldstarts': {
    kind: 'counter',
    unit: '{coldstart}',
    about: 'First calls of an instance of a function, by faas.name.',
  },
  'http.client.request.duration': {
    kind: 'histogram',
    unit: 's',
    about: 'Time of one call to a platform or ML provider, by server.address and http.response.status_code.',
  },
  'social_sync.pages': {
    kind: 'counter',
    unit: '{page}',
    about: 'Pages by social_sync.outcome: stored, transformed, retried, parked.',
  },
  'social_sync.records': {
    kind: 'counter',
    unit: '{record}',
    about:
      'Records read from pages by social_sync.outcome: normalised, unchanged, stale, duplicate, quarantined.',
  },
  'social_sync.record_issues': {
    kind: 'counter',
    unit: '{field}',
    about:
      'Fields of accepted records that are not as the platform documents them, by social_sync.platform and social_sync.field.',
  },
  'social_sync.ml.settled': {
    kind: 'counter',
    unit: '{job}',
    about: 'ML jobs that became final, by social_sync.outcome: done, failed, expired.',
  },
  'social_sync.accounts': {
    kind: 'gauge',
    unit: '{account}',
    about:
      'Accounts followed by social_sync.platform and social_sync.state: fresh (posts walked within twice its interval, nothing of them parked), late, stopped (paused, imported, not found, or not readable), and by social_sync.client.',
  },
  'social_sync.account.freshness': {
    kind: 'gauge',
    unit: '1',
    about:
      'Time since the posts of an account were walked over the interval asked for, of the 20 stalest, by social_sync.account.id and social_sync.client.',
  },
  'social_sync.tasks': { kind: 'gauge', unit: '{task}', about: 'Open sync tasks by social_sync.state.' },
  'social_sync.backlog': {
    kind: 'gauge',
    unit: '{item}',
    about: 'What is due and not begun, by social_sync.step: tasks to extract, pages to transform.',
  },
  'social_sync.quota.used': {
    kind: 'gauge',
    unit: '1',
    about: 'Share of the current quota window reserved, by social_sync.pool.',
  },
  'social_sync.ml.jobs': {
    kind: 'gauge',
    unit: '{job}',
    about: 'Open ML jobs by social_sync.state: planned, submitting, submitted.',
  },
  'social_sync.ml.oldest': {
    kind: 'gauge',
    unit: 's',
    about: 'Age of the oldest open ML job, by social_sync.state.',
  },
  'social_sync.ml.spent': {
    kind: 'gauge',
    unit: '{USD}',
    about:
      'What the jobs cost that ML providers took today (UTC), by social_sync.provider, where the settings have a price.',
  },
  'social_sync.app_faults': {
    kind: 'gauge',
    unit: '{access_mode}',
    about: 'Access modes in which the platform refuses the app itself, by social_sync.platform.',
  },
  'social_sync.parked': {
    kind: 'gauge',
    unit: '{item}',
    about: 'What waits for a person, by social_sync.state: page, ml_job, held_deletion.',
  },
  'social_sync.tokens.ending': {
    kind: 'gauge',
    unit: '{token}',
    about: 'Tokens that end for good within a week, by social_sync.platform.',
  },
  'social_sync.db.size': {
    kind: 'gauge',
    unit: 'By',
    about: 'Size of the 20 largest tables with their indexes, by db.collection.name.',
  },
  'social_sync.db.dead': {
    kind: 'gauge',
    unit: '1',
    about: 'Share of rows that are dead and not yet vacuumed, by db.collection.name.',
  },
  'social_sync.db.connections': {
    kind: 'gauge',
    unit: '1',
    about: 'Share of the connections that the server takes which this database has.',
  },
  'social_sync.findings': {
    kind: 'counter',
    unit: '{finding}',
    about: 'Invariants of the ledger that a check found violated, by social_sync.invariant.',
  },
} as const satisfies Record<string, { kind: 'counter' | 'histogram' | 'gauge'; unit: string; about: string }>

type InstrumentName<Kind> = {
  [Name in keyof typeof instruments]: (typeof instruments)[Name]['kind'] extends Kind ? Name : never
}[keyof typeof instruments]

const meter = () => metrics.getMeter('social-sync')
const described = (name: keyof typeof instruments) => ({
  unit: instruments[name].unit,
  description: instruments[name].about,
})

/** Adds to a counter. Without a registered SDK nothing happens. */
export function count(name: InstrumentName<'counter'>, value: number, attributes: Attributes = {}): void {
  if (value > 0) meter().createCounter(name, described(name)).add(value, attributes)
}

/** For durations in seconds, from quick statements to whole time budgets; the SDK's own are for milliseconds. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]

/** Records a duration in seconds. */
export function record(
  name: InstrumentName<'histogram'>,
  seconds: number,
  attributes: Attributes = {},
): void {
  const options = { ...described(name), advice: { explicitBucketBoundaries: bounds } }
  meter().createHistogram(name, options).record(seconds, attributes)
}

/** Records a value as it is now. */
export function gauge(name: InstrumentName<'gauge'>, value: number, attributes: Attributes = {}): void {
  meter().createGauge(name, described(name)).record(value, attributes)
}
