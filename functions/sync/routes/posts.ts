import * as z from 'zod'
import { postMetrics, profileMetrics } from '#shared/db/tables/metrics.ts'
import { accountLine } from '#shared/db/views/account-list.ts'
import { findsOf, picturesOf } from '#shared/db/views/numbers/finds.ts'
import {
  listPosts,
  type Numbers,
  type PostLine,
  postHistory,
  postOf,
  postsNamed,
  profileHistory,
} from '#shared/db/views/post-list.ts'
import { Problem } from '#shared/http/problem.ts'
import { PlatformName } from '#shared/platforms/index.ts'
import { itemsOf, listOf, Page } from '../api/page.ts'
import { historyAs, PostView, PostWhole } from '../api/post.ts'
import { pictureFor } from '../pictures.ts'
import { paged } from './query.ts'
import { notFound, type Route, route } from './route.ts'

const viewOf = <Post extends PostLine>({ published_at, observed_at, ...post }: Post) => ({
  ...post,
  published_at: published_at.toISOString(),
  observed_at: observed_at.toISOString(),
})

const pointsOf = <Name extends string>(points: readonly Numbers<Name>[]) => ({
  items: points.map(({ observed_at, numbers }) => ({ observed_at: observed_at.toISOString(), numbers })),
})

export const postRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/accounts/{id}/posts',
    cachedS: 5,
    summary: 'Posts of an account with their newest numbers, the newest first; long texts are cut',
    scope: 'read',
    isForClients: true,
    query: Page,
    status: 200,
    answer: listOf(PostView),
    serve: async ({ db, id, query, caller }) => {
      if (!(await accountLine(db, id, caller.reach))) throw notFound('such account')
      const posts = await listPosts(db, { account_id: id, ...query })
      if (!posts)
        throw new Problem(400, 'invalid_query', 'the query does not fit', [
          { field: 'after', message: 'the account has no such post any more: start from the first page' },
        ])
      const { items, next } = paged(posts, query.limit)
      return { items: items.map(viewOf), next }
    },
  }),
  route({
    method: 'GET',
    path: '/v1/accounts/{id}/metrics',
    summary: "History of an account's numbers, the oldest first: its newest two thousand points",
    scope: 'read',
    isForClients: true,
    status: 200,
    answer: historyAs(profileMetrics.names),
    serve: async ({ db, id, caller }) => {
      if (!(await accountLine(db, id, caller.reach))) throw notFound('such account')
      return pointsOf(await profileHistory(db, id))
    },
  }),
  route({
    method: 'GET',
    path: '/v1/posts',
    cachedS: 5,
    summary: "A post by the platform's own id of it: one, or none",
    scope: 'read',
    isForClients: true,
    query: z.object({ platform: PlatformName, native_id: z.string().min(1).max(300) }),
    status: 200,
    answer: itemsOf(PostView),
    serve: async ({ db, caller, query: { platform, native_id } }) => ({
      items: (await postsNamed(db, platform, native_id, caller.reach)).map(viewOf),
    }),
  }),
  route({
    method: 'GET',
    path: '/v1/posts/{id}',
    summary: 'One post: what it says, and what was found in it',
    scope: 'read',
    isForClients: true,
    status: 200,
    answer: PostWhole,
    serve: async ({ db, id, caller, settings, origin }) => {
      const post = await postOf(db, id, caller.reach)
      if (!post) throw notFound('such post')
      const { hashtags, mentions, brands, media, annotations } = post
      const { labels, words, named, ...finds } = await findsOf(db, id, caller.reach)
      const pictures = await picturesOf(db, id)
      return {
        ...viewOf(post),
        account: post.account,
        ...finds,
        ...{ labels: [...labels], words: [...words], named: PostWhole.shape.named.parse(named) },
        pictures: pictures.flatMap((picture) => pictureFor(picture, settings, origin) ?? []),
        ...{
          hashtags: [...hashtags],
          mentions: [...mentions],
          brands: [...brands],
          media: [...media],
          annotations: [...annotations],
        },
      }
    },
  }),
  route({
    method: 'GET',
    path: '/v1/posts/{id}/metrics',
    summary: "History of a post's numbers, the oldest first: its newest two thousand points",
    scope: 'read',
    isForClients: true,
    status: 200,
    answer: historyAs(postMetrics.names),
    serve: async ({ db, id, caller }) => {
      if (!(await postOf(db, id, caller.reach))) throw notFound('such post')
      return pointsOf(await postHistory(db, id))
    },
  }),
]
