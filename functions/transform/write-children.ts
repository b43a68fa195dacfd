import type { Queryable, Transaction } from '#shared/db/pool.ts'
import { samePictures } from '#shared/db/tables/known-pictures.ts'
import { type PlannedContent, planContents } from '#shared/db/tables/ml-plans.ts'
import { replaceChildren, type StorableMedium } from '#shared/db/tables/post-children.ts'
import type { KeyedPost } from '#shared/db/tables/posts.ts'
import type { Platform } from '#shared/model/account.ts'
import type { MlKind } from '#shared/model/ml-job.ts'
import type { PostRecord } from '#shared/model/post.ts'
import { dictionaryMentions } from './dictionary.ts'
import { kindsOf, type Looking, withContentKey } from './plan-ml.ts'
import type { Sighting } from './read.ts'

type Detail = Sighting<Extract<PostRecord, { group: 'detail' }>>

/** A post whose detailed content is new. */
export interface Rewritten {
  readonly id: string
  readonly isNew: boolean
  readonly detail: Detail
}

/** A picture of a post that models look at. */
interface LookedPicture {
  readonly post_id: string
  readonly content_key: string
  readonly kinds: readonly MlKind[]
  /** Its link works for as long as the picture is there. */
  readonly isLasting: boolean
}

/** Replaces media, tags and mentions of posts. Returns the pictures that models look at. */
export async function writeChildren(
  tx: Transaction,
  platform: Platform,
  rewritten: readonly Rewritten[],
  looking: Looking | null,
): Promise<LookedPicture[]> {
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
  const keyed = rewritten.map(({ id, detail: { page, record } }) => {
    const post = { ...record.detail, ...record.listing, account_id: page.account_id }
    const kinds = looking ? kindsOf(looking, 'picture', post) : []
    const pictures = record.media.map((medium) => withContentKey(medium, kinds, looking))
    return { kinds, media: pictures.map((medium) => ({ ...medium, post_id: id })) }
  })
  const same = await samePictures(tx, keyed.flatMap(keysOf))
  const posts = keyed.map((post) => withSame(post, same))
  const media = posts.flatMap((post) => post.media)
  const known = rewritten.flatMap(({ id, isNew }) => (isNew ? [] : [id]))
  await replaceChildren(tx, known, {
    media,
    hashtags: of((record) => record.hashtags),
    mentions: [...of((record) => record.mentions), ...named],
  })
  return posts.flatMap((post) =>
    post.media.flatMap(({ post_id, content_key, url_expires_at }) =>
      content_key === null
        ? []
        : [{ post_id, content_key, kinds: post.kinds, isLasting: url_expires_at === null }],
    ),
  )
}

/** Media of a post with the keys of their pictures. */
interface Keyed {
  readonly kinds: readonly MlKind[]
  readonly media: readonly (StorableMedium & { readonly post_id: string })[]
}

const keysOf = ({ media }: Keyed) => media.flatMap(({ content_key }) => content_key ?? [])

/** Pictures whose bytes another one had before get its key. */
const withSame = ({ media, ...post }: Keyed, same: ReadonlyMap<string, string>): Keyed => ({
  ...post,
  media: media.map(({ content_key: key, ...medium }) => ({
    ...medium,
    content_key: key === null ? null : (same.get(key) ?? key),
  })),
})

/**
 * Plans ML jobs for texts and pictures of posts, each for the page that gave it. Returns for how many posts.
 * @param pageOf the page that a post's content is of
 */
export async function planMl(
  tx: Queryable,
  texts: readonly KeyedPost[],
  pictures: readonly LookedPicture[],
  pageOf: ReadonlyMap<string, Pick<PlannedContent, 'raw_page_id' | 'sync_task_id'>>,
): Promise<number> {
  const all = [
    ...texts.map(({ id, text_key }) => ({ post_id: id, content_key: text_key, kind: 'text' as const })),
    ...pictures.flatMap(({ kinds, isLasting, ...picture }) => kinds.map((kind) => ({ ...picture, kind }))),
  ]
  const planned = all.flatMap((one): PlannedContent[] => {
    const page = pageOf.get(one.post_id)
    return page ? [{ ...page, ...one }] : []
  })
  await planContents(tx, planned)
  return new Set(planned.map(({ post_id }) => post_id)).size
}
