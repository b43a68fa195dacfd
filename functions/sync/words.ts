/** A number with its noun. */
export const counted = (count: number, one: string): string =>
  `${count.toLocaleString('en-US')} ${one}${count === 1 ? '' : 's'}`

/** How many of each cause there are. */
export const byCause = (causes: Readonly<Record<string, number>>): string =>
  Object.entries(causes)
    .map(([cause, count]) => `${cause.replaceAll('_', ' ')} (${count})`)
    .join(', ')

/** Waits that only a person can end, worded to follow "waits for"; the tasks are tried again all the same. */
const remedies: Readonly<Record<string, string>> = {
  credential: 'a key or token that the platform accepts: it refuses the one that it is given',
  config: 'settings that are wrong or missing',
}

/** What such a wait is for, in plain words; undefined where time is enough. */
export const remedyOf = (reason: string | null): string | undefined =>
  reason === null ? undefined : remedies[reason]

const waits: Readonly<Record<string, string>> = {
  platform: 'a better answer of the platform',
  store: 'answers to be kept again: their store is away',
  token: 'its token to be fetched again, or to be opened',
  retry: 'another try',
}

/** What a task waits for, in plain words. */
export const waitOf = (reason: string | null): string =>
  remedyOf(reason) ?? waits[reason ?? 'retry'] ?? (reason ?? 'retry').replaceAll('_', ' ')
