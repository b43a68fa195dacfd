import { fraction, seeded } from './random.ts'
import { brands } from './vocabulary.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

export type Brand = (typeof brands)[number]

/** An account publishes once in so many days. */
const everyDays = 2.3

/** The life of one post, derived from its key alone, so that a world needs no memory. Times are milliseconds. */
export interface PostLife {
  readonly key: string
  readonly publishedAt: number
  /** Infinity: never. */
  readonly editedAt: number
  readonly deletedAt: number
  readonly likesHiddenAt: number
  /** Counters at a time; they move once an hour, the faster the younger the post. */
  countersAt(time: number): { readonly views: number; readonly likes: number; readonly comments: number }
}

/**
 * Posts are numbered from the start of the world: 0, 1, 2 are the older ones before it, -1, -2, -3 are published
 * after it, one in some two days each.
 */
export function postLife(seed: string, account: string, number: number, start: Date): PostLife {
  const key = `${seed} ${account} ${number}`
  const part = fraction(`time ${key}`)
  const daysAgo = number >= 0 ? number * everyDays + part : (number + 1 - part) * everyDays
  const publishedAt = Math.floor((start.getTime() - daysAgo * dayMs) / 1000) * 1000
  const since = Math.max(publishedAt, start.getTime())
  const sometimes = (what: string, share: number) =>
    fraction(`${what} ${key}`) < share
      ? since + (0.3 + fraction(`${what} time ${key}`) * 60) * dayMs
      : Number.POSITIVE_INFINITY
  const most = 10 ** (2 + fraction(`views ${key}`) * 4.5)
  const slownessMs = (2 + fraction(`slowness ${key}`) * 12) * dayMs
  const likesShare = 0.01 + fraction(`likes ${key}`) * 0.07
  const commentsShare = fraction(`comments ${key}`) * 0.01
  return {
    key,
    publishedAt,
    editedAt: sometimes('edited', 0.05),
    deletedAt: sometimes('deleted', 0.03),
    likesHiddenAt:
      fraction(`likes hidden ${key}`) < 0.05 ? publishedAt : sometimes('likes hidden later', 0.03),
    countersAt: (time) => {
      const ageMs = Math.max(0, Math.floor((time - publishedAt) / hourMs) * hourMs)
      const views = Math.floor(most * (1 - Math.exp(-ageMs / slownessMs)))
      return { views, likes: Math.floor(views * likesShare), comments: Math.floor(views * commentsShare) }
    },
  }
}

/** How many posts an account had at the start of the world: between 20 and 170. */
export function postsAtStart(seed: string, brand: Brand): number {
  return 20 + Math.floor(seeded(`${seed} ${brand.handle}`)() ** 2 * 150)
}

/** Names of an account over time: one brand in eight takes another one, one in twelve another handle too. */
export function namesAt(
  seed: string,
  brand: Brand,
  start: Date,
  time: number,
): { readonly title: string; readonly handle: string } {
  const renamedAt = start.getTime() + (2 + fraction(`renamed ${seed} ${brand.handle}`) * 30) * dayMs
  const index = brands.indexOf(brand)
  const renamed = time >= renamedAt
  return {
    title: renamed && index % 8 === 3 ? `${brand.name} Studio` : brand.name,
    handle: renamed && index % 12 === 7 ? `${brand.handle}.official` : brand.handle,
  }
}

/** Followers of an account; they move once a day. */
export function followersAt(account: string, start: Date, time: number): number {
  const days = Math.max(0, Math.floor((time - start.getTime()) / dayMs))
  const atStart = Math.floor(fraction(`subscribers ${account}`) * 900_000) + 1000
  return Math.floor(atStart * (1 + 0.0015 * days * fraction(`growth ${account}`)))
}
