import type { Queryable, Transaction } from '#shared/db/pool.ts'
import { type PlannedContent, planContents } from '#shared/db/tables/ml-plans.ts'
import { replaceChildren } from '#shared/db/tables/post-children.ts'
import type { KeyedPost } from '#shared/db/tables/posts.ts'
import type { Platform } from '#shared/model/account.ts'
import type { PostRecord } from '#shared/model/post.ts'
import { dictionaryMentions } from './dictionary.ts'
import { type Models, withContentKey } from './plan-ml.ts'
import type { Sighting } from './read.ts'

type Detail = Sighting<Extract<PostRecord, { group: 'detail' }>>

/** A post whose detailed content is new. */
export interface Rewritten {
  readonly id: string
  readonly isNew: boolean
  readonly detail: Detail
}

/** Replaces media, tags and mentions of posts. Returns their media. */
export async function writeChildren(
  tx: Transaction,
  platform: Platform,
  rewritten: readonly Rewritten[],
  models: Models | null,
) {
  if (rewritten.length === 0) return []
  const of = <Child extends object>(list: (record: Detail['record']) => readonly Child[]) =>
    rewritten.flatMap(({ id, detail }) => list(detail.record).map((child) => ({ ...child, post_id: id })))
  const named = await dictionaryMentions(
    tx,
    platform,
    rewritten.map(({ id, detail }) => ({
      post_id: id,
      account_id: detail.page.account_id,
      text: detail.record.listing.body,
    })),
  )
  const media = of((record) => record.media.map((medium) => withContentKey(medium, models)))
  const known = rewritten.flatMap(({ id, isNew }) => (isNew ? [] : [id]))
  await replaceChildren(tx, known, {
    media,
    hashtags: of((record) => record.hashtags),
    mentions: [...of((record) => record.mentions), ...named],
  })
  return media
}

/**
 * Plans ML jobs for texts and pictures of posts, each for the page that gave it. Returns for how many posts.
 * @param pageOf the page that a post's content is of
 */
export async function planMl(
  tx: Queryable,
  models: Models | null,
  texts: readonly KeyedPost[],
  media: readonly { readonly post_id: string; readonly content_key: string | null }[],
  pageOf: ReadonlyMap<string, Pick<PlannedContent, 'raw_page_id' | 'sync_task_id'>>,
): Promise<number> {
  if (!models) return 0
  const pictures = media.flatMap(({ post_id: id, content_key }) =>
    content_key === null ? [] : [{ id, content_key }],
  )
  const all = [...texts.map(({ id, text_key }) => ({ id, content_key: text_key })), ...pictures]
  const planned = all.flatMap(({ id, content_key }): PlannedContent[] => {
    const page = pageOf.get(id)
    return page ? [{ ...page, post_id: id, content_key }] : []
  })
  await planContents(tx, models, planned)
  return new Set(planned.map(({ post_id }) => post_id)).size
}
