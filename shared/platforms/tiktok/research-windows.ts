import * as z from 'zod'

const dayMs = 86_400_000
/** The first and the last day count: 30 days at most (TikTok Research API). */
export const windowDays = 30
/** There are no posts from before TikTok. */
export const beginning = new Date('2016-09-01T00:00:00Z')

/** A place in the history of an account: a window of days, and how far it was read. */
const Place = z.object({
  /** Last day of the window, milliseconds of its midnight in UTC. */
  end: z.int(),
  offset: z.int().nonnegative(),
  search_id: z.string().nullable(),
})
export type Place = z.infer<typeof Place>

/** The place a cursor stands at; null: the window that ends today. */
export function placeOf(position: string | null, now: Date): Place {
  if (position !== null) return Place.parse(JSON.parse(position))
  return { end: Math.floor(now.getTime() / dayMs) * dayMs, offset: 0, search_id: null }
}

export const positionOf = (place: Place): string => JSON.stringify(place)

const startOf = ({ end }: Place): number => end - (windowDays - 1) * dayMs

/** The window before; null: history begins in this one. */
export function windowBefore(place: Place, earliest: Date): Place | null {
  const end = startOf(place) - dayMs
  return end < earliest.getTime() ? null : { end, offset: 0, search_id: null }
}

const dayText = (time: number) => new Date(time).toISOString().slice(0, 10).replaceAll('-', '')

/** The days of a window as they are asked for. */
export const daysOf = (place: Place) => ({
  start_date: dayText(startOf(place)),
  end_date: dayText(place.end),
})

/** From when on everything is known once the window was read to its end. */
export const backTo = (place: Place): Date => new Date(startOf(place))
