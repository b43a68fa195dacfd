interface Alert {
  /** As in observability/prometheus/rules.yaml. */
  readonly name: string
  /** What a person does. */
  readonly description: string
  readonly query: string
  /** Above it, or not even one, for so long. */
  readonly above: number | 'none'
  readonly seconds: number
  /** Recorded more rarely than each minute: its window ends by time, not by what comes next, and the last value counts meanwhile. */
  readonly isRare?: boolean
  /** Silence for so long is the alert. */
  readonly silentSeconds?: number
}

const alerts: readonly Alert[] = [
  {
    name: 'AccountLate',
    description: 'An account is older than three of its intervals. See npx social-sync status, or its page.',
    query:
      'SELECT max(social_sync.account.freshness) FROM Metric FACET social_sync.platform, social_sync.account.id',
    above: 3,
    seconds: 1_800,
  },
  {
    name: 'NothingHappened',
    description:
      'No function or worker has done anything for half an hour. Look whether triggers are active, or workers up.',
    query: 'SELECT count(social_sync.tick.duration) FROM Metric',
    above: 'none',
    seconds: 300,
    silentSeconds: 1_800,
  },
  {
    name: 'QuotaGoneBeforeNoon',
    description:
      'The quota of a day is used up. Before noon: follow fewer accounts, sync them less often, or ask the platform for more.',
    query:
      "SELECT max(social_sync.quota.used) FROM Metric WHERE social_sync.pool LIKE '%.day' FACET social_sync.pool",
    above: 0.98,
    seconds: 600,
  },
  {
    name: 'MlStuck',
    description: 'An ML job has had no answer for three days. See npx social-sync ml.',
    query: "SELECT max(social_sync.ml.oldest) FROM Metric WHERE social_sync.state = 'submitted'",
    above: 259_200,
    seconds: 3_600,
  },
  {
    name: 'Parked',
    description: 'Something waits for a person. See npx social-sync parked.',
    query: 'SELECT max(social_sync.parked) FROM Metric FACET social_sync.state',
    above: 0,
    seconds: 600,
  },
  {
    name: 'AppRefused',
    description: 'A platform refuses the app itself. The console says why and what to do.',
    query: 'SELECT max(social_sync.app_faults) FROM Metric FACET social_sync.platform',
    above: 0,
    seconds: 600,
  },
  {
    name: 'TokenEnds',
    description: 'Tokens end within a week. Their owners grant access again (docs/access.md).',
    query: 'SELECT max(social_sync.tokens.ending) FROM Metric FACET social_sync.platform',
    above: 0,
    seconds: 60,
    isRare: true,
  },
  {
    name: 'ChecksFail',
    description: 'The ledger breaks a promise. See npx social-sync verify.',
    query: 'SELECT sum(social_sync.findings) FROM Metric FACET social_sync.invariant',
    above: 0,
    seconds: 60,
    isRare: true,
  },
]

const dayS = 86_400

/** As NerdGraph's `alertsNrqlConditionStaticCreate` takes each. */
export const conditions = () =>
  alerts.map(({ name, description, query, above, seconds, isRare = false, silentSeconds }) => ({
    name,
    description,
    enabled: true,
    nrql: { query },
    terms: [
      {
        ...(above === 'none' ? { operator: 'BELOW', threshold: 1 } : { operator: 'ABOVE', threshold: above }),
        priority: 'CRITICAL',
        thresholdDuration: seconds,
        thresholdOccurrences: seconds > 60 ? 'ALL' : 'AT_LEAST_ONCE',
      },
    ],
    signal: {
      aggregationWindow: 60,
      ...(isRare
        ? { aggregationMethod: 'EVENT_TIMER', aggregationTimer: 60, fillOption: 'LAST_VALUE' }
        : { aggregationMethod: 'EVENT_FLOW', aggregationDelay: 120, fillOption: 'NONE' }),
    },
    expiration: {
      expirationDuration: silentSeconds ?? dayS,
      openViolationOnExpiration: silentSeconds !== undefined,
      closeViolationsOnExpiration: silentSeconds === undefined,
    },
    violationTimeLimitSeconds: 3 * dayS,
  }))
