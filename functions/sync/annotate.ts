import {
  annotatePast,
  type KeyedText,
  lackingContents,
  type PastFilter,
  type PastPost,
  pastPosts,
  type WantedContent,
} from '#shared/db/operations/annotate.ts'
import type { Db } from '#shared/db/pool.ts'
import { readSalts } from '#shared/db/tables/content-salts.ts'
import { newestPosts } from '#shared/db/views/newest-posts.ts'
import { textKey } from '#shared/ml/content.ts'
import { kindsFor, type PlanRule } from '#shared/ml/rules.ts'
import type { ContentType, MlRoute } from '#shared/model/ml-job.ts'

export interface Annotating extends PastFilter {
  readonly routes: readonly MlRoute[]
  readonly rules: readonly PlanRule[]
  /** Posts after this one. */
  readonly after: string
  /** Only counts. */
  readonly isDry: boolean
  /** Who asks for it. */
  readonly actor: string
}

interface Annotated {
  readonly posts: number
  /** Jobs that were made, or would be. */
  readonly jobs: readonly WantedContent[]
  /** The last post that was looked at. null: there are no more. */
  readonly last: string | null
}

/** Numbers of posts that are looked through at once. */
const batch = 2_000

/** Plans what models of today have not looked at in posts on record, of one batch of posts. */
export async function annotateBatch(db: Db, annotating: Annotating): Promise<Annotated> {
  const { posts, last } = await pastPosts(db, annotating, annotating.after, batch)
  const { salts, now } = await readSalts(db)
  const newer = await newerOf(db, posts, annotating.rules)
  const keyed = posts.map((post) => ({ post, key: post.text_key ?? textKey(salts, post) }))
  const contents = keyed.flatMap(({ post, key }) =>
    contentsOf(annotating, { post, key, newer: newer(post), now }),
  )
  if (contents.length === 0) return { posts: posts.length, jobs: [], last }
  const jobs = annotating.isDry
    ? await lackingContents(db, contents)
    : await annotatePast(db, contents, textsOf(keyed, contents), annotating.actor)
  return { posts: posts.length, jobs, last }
}

interface Looked {
  readonly post: PastPost
  readonly key: string | null
  readonly newer: number
  readonly now: Date
}

function contentsOf({ routes, rules }: Annotating, { post, key, newer, now }: Looked): WantedContent[] {
  const planning = { kinds: routes.map(({ kind }) => kind), rules, isOutlasting: true }
  const kinds = (content: ContentType) => kindsFor(planning, content, { ...post, newer }, now)
  const routed = (content_key: string, content: ContentType) =>
    kinds(content).flatMap((kind) =>
      routes.filter((route) => route.kind === kind).map((route) => ({ ...route, content_key })),
    )
  return [
    ...(key === null ? [] : routed(key, 'text')),
    ...post.pictures.flatMap((picture) => routed(picture, 'picture')),
  ]
}

/** Texts that have no key yet, and that a model is to look at. */
function textsOf(
  keyed: readonly { readonly post: PastPost; readonly key: string | null }[],
  contents: readonly WantedContent[],
): KeyedText[] {
  const looked = new Set(contents.map(({ content_key }) => content_key))
  return keyed.flatMap(({ post: { id, title, body, text_key }, key }) =>
    text_key === null && key !== null && looked.has(key) ? [{ id, text_key: key, title, body }] : [],
  )
}

/** How many posts of its account are newer than a post, as far as rules ask. */
async function newerOf(db: Db, posts: readonly PastPost[], rules: readonly PlanRule[]) {
  const most = Math.max(0, ...rules.map(({ newest_posts }) => newest_posts ?? 0))
  const accounts = [...new Set(posts.map(({ account_id }) => account_id))]
  const newest = most > 0 ? Map.groupBy(await newestPosts(db, accounts, most), (one) => one.account_id) : null
  return ({ account_id, published_at }: PastPost) =>
    newest?.get(account_id)?.filter((one) => one.published_at > published_at).length ?? 0
}
