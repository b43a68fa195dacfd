/** A number with its noun. */
export const counted = (count: number, one: string): string =>
  `${count.toLocaleString('en-US')} ${one}${count === 1 ? '' : 's'}`

/** How many of each cause there are. */
export const byCause = (causes: Readonly<Record<string, number>>): string =>
  Object.entries(causes)
    .map(([cause, count]) => `${cause.replaceAll('_', ' ')} (${count})`)
    .join(', ')

/** What a person has to do about a wait that no time ends; it is tried all the same. */
const remedies: Readonly<Record<string, string>> = {
  credential: 'a token: hand it over at /v1/credentials, or mend the settings',
  config: 'settings that are wrong or missing',
}

/** What such a wait is for, in plain words; undefined where time is enough. */
export const remedyOf = (reason: string | null): string | undefined =>
  reason === null ? undefined : remedies[reason]
