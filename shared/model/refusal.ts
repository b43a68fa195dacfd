/** How accounts were refused alike, and how the others fared. */
export interface Evidence {
  /** Refused alike for the first time, by the calls that are weighed now. */
  readonly fresh: number
  /** Answered well by the same calls. */
  readonly answered: number
  /** Refused alike for the first time since an answer was last good, within a day; the fresh ones among them. */
  readonly alike: number
  /** In good standing, and not among those. */
  readonly others: number
}

/** Fewer may be chance. Accounts that were set aside before are not counted. */
const few = 3

/**
 * Whether refusals come from one cause that lies with the app: most of those asked about are refused alike; or several
 * one after the other with no good answer between; or all there are, when there are two at least. Pure.
 */
export function isConcerted({ fresh, answered, alike, others }: Evidence): boolean {
  if (answered > 0) return fresh >= few && fresh > answered
  return alike >= few || (alike >= 2 && others === 0)
}
