import {
  AccountGone,
  AppFault,
  CursorRefused,
  oneLine,
  RetryableError,
  TerminalError,
  UnknownRefusal,
} from '../errors.ts'

/** A refusal as a connector has read it. */
export interface Refusal {
  /** The platform as people call it. */
  readonly platform: string
  readonly status: number
  /** Its own code, for people and for weighing refusals of several accounts against each other. */
  readonly code: string
  /** Code and message, for people. */
  readonly text: string
  /** Until when the platform asks to wait, if it does. */
  readonly afterMs: number | undefined
}

/** Whose fault a refusal is, what follows from it, and the verdict that makes it follow. */
interface Kind {
  readonly fault: 'app' | 'owner' | 'account' | 'platform' | 'unclear'
  readonly follows: string
  readonly make: (refusal: Refusal) => Error
}

const minute = 60_000
const hour = 60 * minute

const gone =
  (status: AccountGone['status'], says: string, isCertain: boolean): Kind['make'] =>
  ({ text, code }) =>
    new AccountGone(`${says}: ${text}`, status, { code, isCertain })

/**
 * Every verdict there is on a refusal. A refusal that is about an account is weighed first: when most accounts are refused
 * alike, the app is at fault, whatever the words.
 */
export const kinds = {
  quota: {
    fault: 'app',
    follows: 'the pool rests until its window ends',
    make: ({ platform, text }) =>
      new RetryableError(`the quota of ${platform} is used up: ${text}`, {
        scope: 'window',
        reason: 'quota',
      }),
  },
  day: {
    fault: 'app',
    follows: 'the pool rests until the day ends',
    make: ({ platform, text }) =>
      new RetryableError(`the daily quota of ${platform} is used up: ${text}`, {
        scope: 'day',
        reason: 'quota',
      }),
  },
  rate: {
    fault: 'app',
    follows: 'the pool rests as long as asked, or a minute; an account that alone is refused waits alone',
    make: ({ platform, text, code, afterMs = minute }) =>
      new RetryableError(`${platform} asks to slow down: ${text}`, {
        scope: 'pool',
        reason: 'rate',
        code,
        afterMs: Math.min(afterMs, 24 * hour),
      }),
  },
  blocked: {
    fault: 'app',
    follows: 'the pool rests for a day',
    make: ({ platform, text }) =>
      new RetryableError(`${platform} has blocked this action: ${text}`, {
        scope: 'pool',
        reason: 'blocked',
        afterMs: 24 * hour,
      }),
  },
  app: {
    fault: 'app',
    follows:
      'its accounts wait and keep their state; /health says what to do; a few are asked again every hour',
    make: ({ platform, text }) => new AppFault(`${platform} refuses the app: ${text}`),
  },
  revoked: {
    fault: 'owner',
    follows: '`reauth_required` at once',
    make: gone('reauth_required', 'its owner must grant access again', true),
  },
  scopes: {
    fault: 'owner',
    follows: '`reauth_required` after a second look a day later',
    make: gone('reauth_required', 'its owner has not granted what it takes', false),
  },
  check: {
    fault: 'owner',
    follows: 'waits six hours and asks again; the token stays good',
    make: ({ platform, text, code }) =>
      new RetryableError(`its owner must pass a check on ${platform}: ${text}`, {
        reason: 'check',
        afterMs: 6 * hour,
        counts: false,
        code,
      }),
  },
  token: {
    fault: 'unclear',
    follows: 'waits ten minutes for a renewed token',
    make: ({ platform, text, code }) =>
      new RetryableError(`${platform} refuses the access token: ${text}`, {
        reason: 'token',
        afterMs: 10 * minute,
        code,
      }),
  },
  denied: {
    fault: 'account',
    follows: '`private` after a second look a day later',
    make: gone('private', 'access to the account is denied', false),
  },
  suspended: {
    fault: 'account',
    follows: '`suspended` after a second look a day later',
    make: gone('suspended', 'the account is suspended', false),
  },
  closed: {
    fault: 'account',
    follows: '`closed` after a second look a day later',
    make: gone('closed', 'the account is closed', false),
  },
  missing: {
    fault: 'account',
    follows: 'the walk ends; an account that is not found is `missing` at once',
    make: ({ platform, text }) =>
      new TerminalError(`${platform} does not find it: ${text}`, { reason: 'missing' }),
  },
  place: {
    fault: 'platform',
    follows: 'a new walk begins at page 1, five times at most',
    make: ({ platform, text }) =>
      new CursorRefused(`${platform} refuses the place in its list: ${text}`, { reason: 'cursor' }),
  },
  bug: {
    fault: 'app',
    follows: 'the walk fails with its cause',
    make: ({ platform, text }) =>
      new TerminalError(`${platform} refuses the request: ${text}`, { reason: 'bug' }),
  },
  other: {
    fault: 'platform',
    follows: 'asked again at once in another form: without the field, or for a smaller page',
    make: ({ platform, text }) => new RetryableError(`${platform} refuses this form: ${text}`),
  },
  transient: {
    fault: 'platform',
    follows: 'asked again with growing waits',
    make: ({ platform, text, afterMs }) =>
      new RetryableError(`${platform} is in trouble: ${text}`, { reason: 'platform', afterMs }),
  },
  bare: {
    fault: 'unclear',
    follows: 'asked again with growing waits; no account changes its state',
    make: ({ platform, text, code }) =>
      new RetryableError(`${platform} does not say why it refuses: ${text}`, {
        reason: 'refused',
        afterMs: hour,
        code,
      }),
  },
  unknown: {
    fault: 'unclear',
    follows: 'in the middle of a list a new walk begins; elsewhere asked three times, then the walk fails',
    make: ({ platform, text, code }) =>
      new UnknownRefusal(`${platform} refuses in a way that is not known: ${text}`, code),
  },
} as const satisfies Record<string, Kind>

type KindName = keyof typeof kinds

/** One row of the error table of a platform. The first row that fits decides, so specific codes come before general ones. */
export interface Row<Fault extends Refusal> {
  /** For people: which refusals it is about. */
  readonly when: string
  readonly is: (fault: Fault) => boolean
  readonly kind: KindName
  /** Where the platform's error has a form of its own. */
  readonly make?: (fault: Fault) => Error
  /** The platform's page that documents it; `ours`: no page does. */
  readonly source: string
}

/** The verdict of an error table; its last row must fit anything. A code is stored, whatever a platform puts into it. */
export function verdictBy<Fault extends Refusal>(table: readonly Row<Fault>[], fault: Fault): Error {
  const row = table.find(({ is }) => is(fault))
  return (row?.make ?? kinds[row?.kind ?? 'unknown'].make)({
    ...fault,
    code: oneLine(fault.code).slice(0, 100),
  })
}
