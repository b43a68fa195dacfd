import type { Queryable } from '#shared/db/pool.ts'
import { readSalts } from '#shared/db/tables/content-salts.ts'
import type { StorableMedium } from '#shared/db/tables/post-children.ts'
import { newestPosts } from '#shared/db/views/newest-posts.ts'
import { pictureKey, textKey } from '#shared/ml/content.ts'
import { kindsFor, type PlannedPost, type Planning } from '#shared/ml/rules.ts'
import type { Platform } from '#shared/model/account.ts'
import type { ContentType, MlKind, Salts } from '#shared/model/ml-job.ts'
import type { DetailFields, ListingFields, Medium, PostRecord } from '#shared/model/post.ts'
import type { Sighting } from './read.ts'

/** What models are to look at in a batch. */
export interface Looking extends Planning {
  readonly platform: Platform
  readonly salts: Salts
  readonly now: Date
  /** When the newest posts of an account were published, as far as rules ask, newest first; by account. */
  readonly newest: ReadonlyMap<string, readonly Date[]>
}

/** What rules ask of a post that a sighting gives. */
export type Seen = Pick<ListingFields, 'published_at'> &
  Partial<Pick<DetailFields, 'class' | 'lang'>> & { readonly account_id: string }

export async function openLooking(
  db: Queryable,
  planning: Planning,
  platform: Platform,
  sightings: readonly Sighting<PostRecord>[],
): Promise<Looking> {
  const most = Math.max(0, ...planning.rules.map(({ newest_posts }) => newest_posts ?? 0))
  const newest = most > 0 ? await newestOf(db, sightings, most) : new Map<string, Date[]>()
  return { ...planning, platform, newest, ...(await readSalts(db)) }
}

/** Of the accounts that the sightings are of: posts on record, and those that are about to be. */
async function newestOf(db: Queryable, sightings: readonly Sighting<PostRecord>[], most: number) {
  const seen = sightings.flatMap(({ page, record }) =>
    record.group === 'stats'
      ? []
      : [
          {
            account_id: page.account_id,
            native_id: record.native_id,
            published_at: record.listing.published_at,
          },
        ],
  )
  const accounts = [...new Set(seen.map(({ account_id }) => account_id))]
  const known = await newestPosts(db, accounts, most)
  const posts = new Map([...known, ...seen].map((post) => [post.native_id, post]))
  const byAccount = Map.groupBy(posts.values(), ({ account_id }) => account_id)
  return new Map(
    [...byAccount].map(([id, list]) => [
      id,
      list
        .map(({ published_at }) => published_at)
        .sort((a, b) => b.getTime() - a.getTime())
        .slice(0, most),
    ]),
  )
}

/** The kinds of jobs that a content of a post gets. */
export function kindsOf(looking: Looking, content: ContentType, post: Seen): MlKind[] {
  const newest = looking.newest.get(post.account_id) ?? []
  const planned: PlannedPost = {
    platform: looking.platform,
    class: post.class ?? 'unknown',
    lang: post.lang ?? null,
    published_at: post.published_at,
    newer: newest.filter((time) => time > post.published_at).length,
  }
  return kindsFor(looking, content, planned, looking.now)
}

/** Fields of a post with the key of their text, where models are to look at it. */
export const withTextKey = <Fields extends Seen & Pick<ListingFields, 'title' | 'body'>>(
  fields: Fields,
  looking: Looking | null,
) => ({
  ...fields,
  text_key: looking && kindsOf(looking, 'text', fields).length > 0 ? textKey(looking.salts, fields) : null,
})

/** A medium with the key of its picture, where models are to look at it. */
export const withContentKey = (
  medium: Medium,
  kinds: readonly MlKind[],
  looking: Looking | null,
): StorableMedium => ({
  ...medium,
  content_key:
    looking && kinds.length > 0 && isLasting(medium, looking) ? pictureKey(looking.salts, medium) : null,
})

/** A job may begin days later, when a signed link is dead. */
const isLasting = ({ url_expires_at }: Medium, { isOutlasting }: Looking): boolean =>
  isOutlasting || url_expires_at === null
