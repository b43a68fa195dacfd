import * as z from 'zod'
import type { Platform } from '../model/account.ts'
import { type ContentType, contentType, MlKind } from '../model/ml-job.ts'

const some = <Item extends z.core.$ZodType>(item: Item) => z.array(item).min(1).optional()

/**
 * Which contents get jobs of some kinds. A kind that rules name is planned where all that one of them says holds; one that none
 * names is planned for every content.
 */
export const PlanRule = z.strictObject({
  kinds: z.array(MlKind).min(1),
  platforms: some(z.string()),
  classes: some(z.string()),
  /** Languages as `ru` or `en`, without a region; `und` for posts whose language is not known. */
  languages: some(z.string()),
  /** Posts published within so many days of being read. */
  max_age_days: z.number().positive().optional(),
  /** So many newest posts of each account. */
  newest_posts: z.number().int().positive().optional(),
})
export type PlanRule = z.infer<typeof PlanRule>

/** What models are to look at. */
export interface Planning {
  /** Kinds for which there is a provider. */
  readonly kinds: readonly MlKind[]
  readonly rules: readonly PlanRule[]
  /** Whether pictures are looked at whose links die before a job may begin. */
  readonly isOutlasting: boolean
  /** Whether pictures are copied, as far as their platform allows; absent: none are. */
  readonly isCopied?: boolean
}

/** What rules ask of a post. */
export interface PlannedPost {
  readonly platform: Platform
  readonly class: string
  readonly lang: string | null
  readonly published_at: Date
  /** How many posts of its account are newer, as far as is known. */
  readonly newer: number
}

/** The kinds of jobs that a content of a post gets. Pure. */
export const kindsFor = (
  { kinds, rules }: Planning,
  content: ContentType,
  post: PlannedPost,
  now: Date,
): MlKind[] =>
  kinds.filter((kind) => {
    if (contentType[kind] !== content) return false
    const own = rules.filter((rule) => rule.kinds.includes(kind))
    return own.length === 0 || own.some((rule) => allows(rule, post, now))
  })

const day = 86_400_000

function allows(rule: PlanRule, post: PlannedPost, now: Date): boolean {
  const { platforms, classes, languages, max_age_days, newest_posts } = rule
  const language = post.lang?.split(/[-_]/)[0]?.toLowerCase() ?? 'und'
  return (
    isAmong(platforms, post.platform) &&
    isAmong(classes, post.class) &&
    isAmong(languages, language) &&
    (max_age_days === undefined || now.getTime() - post.published_at.getTime() <= max_age_days * day) &&
    (newest_posts === undefined || post.newer < newest_posts)
  )
}

const isAmong = <Item>(list: readonly Item[] | undefined, item: Item): boolean => list?.includes(item) ?? true
