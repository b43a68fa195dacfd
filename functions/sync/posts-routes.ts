import * as z from 'zod'
import { postMetrics, profileMetrics } from '#shared/db/tables/metrics.ts'
import { accountLine } from '#shared/db/views/account-list.ts'
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
import { Id, listOf, notFound, Page, paged, type Route, route } from './route.ts'

const Count = z.string().nullable().describe('decimal text; null: hidden or not told')
const countsOf = <Name extends string>(names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, Count])) as Record<Name, typeof Count>

export const PostView = z.object({
  id: Id,
  account_id: Id,
  platform: PlatformName,
  native_id: z.string(),
  class: z.string(),
  status: z.string(),
  title: z.string().nullable(),
  body: z.string().nullable(),
  permalink: z.string().nullable(),
  published_at: z.iso.datetime(),
  observed_at: z.iso.datetime(),
  ...countsOf(postMetrics.names),
})
const viewOf = <Post extends PostLine>({ published_at, observed_at, ...post }: Post) => ({
  ...post,
  published_at: published_at.toISOString(),
  observed_at: observed_at.toISOString(),
})

export const PostWhole = PostView.extend({
  hashtags: z.array(z.string()),
  mentions: z.array(z.string()),
  media: z.array(z.object({ role: z.string(), url: z.string().nullable() })),
  annotations: z.array(
    z.object({ kind: z.string(), model: z.string(), model_version: z.string(), result: z.unknown() }),
  ),
})

/** Points of a history as they are told: a time, and the numbers beside it. */
function historyAs<Name extends string>(names: readonly Name[]) {
  const point = z.object({ observed_at: z.iso.datetime(), numbers: z.object(countsOf(names)) })
  return z.object({ items: z.array(point) })
}
const pointsOf = <Name extends string>(points: readonly Numbers<Name>[]) => ({
  items: points.map(({ observed_at, numbers }) => ({ observed_at: observed_at.toISOString(), numbers })),
})

export const postRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/accounts/{id}/posts',
    summary: 'Posts of an account with their newest numbers, the newest first; long texts are cut',
    scope: 'read',
    query: Page,
    status: 200,
    answer: listOf(PostView),
    serve: async ({ db, id, query }) => {
      if (!(await accountLine(db, id))) throw notFound('such account')
      const posts = await listPosts(db, { account_id: id, ...query })
      if (!posts)
        throw new Problem(400, 'invalid_query', 'the query does not fit', [
          { field: 'after', message: 'the account has no such post any more: begin anew' },
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
    status: 200,
    answer: historyAs(profileMetrics.names),
    serve: async ({ db, id }) => {
      if (!(await accountLine(db, id))) throw notFound('such account')
      return pointsOf(await profileHistory(db, id))
    },
  }),
  route({
    method: 'GET',
    path: '/v1/posts',
    summary: "A post by the platform's own id of it: one, or none",
    scope: 'read',
    query: z.object({ platform: PlatformName, native_id: z.string().min(1).max(300) }),
    status: 200,
    answer: z.object({ items: z.array(PostView) }),
    serve: async ({ db, query: { platform, native_id } }) => ({
      items: (await postsNamed(db, platform, native_id)).map(viewOf),
    }),
  }),
  route({
    method: 'GET',
    path: '/v1/posts/{id}',
    summary: 'One post: what it says, and what was found in it',
    scope: 'read',
    status: 200,
    answer: PostWhole,
    serve: async ({ db, id }) => {
      const post = await postOf(db, id)
      if (!post) throw notFound('such post')
      const { hashtags, mentions, media, annotations } = post
      return {
        ...viewOf(post),
        ...{
          hashtags: [...hashtags],
          mentions: [...mentions],
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
    status: 200,
    answer: historyAs(postMetrics.names),
    serve: async ({ db, id }) => {
      if (!(await postOf(db, id))) throw notFound('such post')
      return pointsOf(await postHistory(db, id))
    },
  }),
]
