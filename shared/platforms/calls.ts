import type { Subject } from '../model/account.ts'
import type { QuotaNeed } from '../model/quota.ts'

/** Of whom. */
type SubjectName = Pick<Subject, 'handle' | 'native_id'>

/** One kind of call: what it carries, and what it takes of which quota. */
export interface CallShape {
  readonly endpoint: string
  /** Keys that one call carries, or posts that one page of a list holds. */
  readonly size: number
  /** By whose right: some quotas belong to an account. */
  need(subject?: SubjectName): QuotaNeed
}

/** The calls of a walk, as far as they are known without a key: a plan is made of them, and connectors make them. */
export interface Calls {
  readonly profiles: CallShape
  readonly list: CallShape & {
    /** Whether the profile's answer holds the first page. */
    readonly isBegunByProfile: boolean
    /** Posts after which the platform or we stop. */
    readonly cap: number
    pages(walk: WalkSize): number
  }
  /** The call about posts that were listed; null where lists have every field. */
  readonly posts: CallShape | null
}

/** How far a list is to be walked. */
export interface WalkSize {
  /** Posts there are. */
  readonly posts: number
  /** Posts, the newest first, that the walk is about. */
  readonly wanted: number
  /** When it is walked. */
  readonly now: Date
  /** When the oldest post that is wanted was published. null: back to the beginning. */
  readonly since: Date | null
}

/**
 * Pages of a list that is walked until a page holds nothing wanted: the page in which that begins is never known to be
 * the last. A list is asked for once at least.
 */
export const pagesOf = ({ posts, wanted }: WalkSize, size: number): number => {
  const all = Math.max(1, Math.ceil(posts / size))
  return wanted >= posts ? all : Math.min(all, Math.floor(wanted / size) + (wanted % size === 0 ? 1 : 2))
}

/** Posts as a profile counts them. null: not reported, or beyond any count. */
export function postCount(text: string | undefined): number | null {
  const count = Number(text ?? Number.NaN)
  return Number.isSafeInteger(count) ? count : null
}
