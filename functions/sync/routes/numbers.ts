import { type AccountNumbers, accountNumbers, numbersSorts } from '#shared/db/views/numbers/accounts.ts'
import { type BrandNumbers, brandNumbers, brandSortFits } from '#shared/db/views/numbers/brands.ts'
import { brandCalled, type Mention, mentionsOf } from '#shared/db/views/numbers/mentions.ts'
import { type BestPost, bestPosts, postSorts } from '#shared/db/views/numbers/posts.ts'
import { Problem } from '#shared/http/problem.ts'
import {
  AccountNumbersQuery,
  AccountNumbersView,
  BestPostsQuery,
  BestPostView,
  BrandNumbersQuery,
  BrandNumbersView,
  MentionQuery,
  MentionView,
} from '../api/numbers.ts'
import { sortedListOf } from '../api/page.ts'
import { isOfPlatform, leadTo, pictureFor } from '../pictures.ts'
import { placeOf, sortedPage } from './query.ts'
import { type CallContext, type Route, route } from './route.ts'

/** What a list is sorted by, and where it goes on. */
function orderOf(
  sort: string,
  after: string | undefined,
  keys: Readonly<Record<string, { readonly fits: RegExp }>>,
) {
  const by = sort.replace(/^-/, '')
  return { by, isDescending: sort.startsWith('-'), after: placeOf(after, keys[by]?.fits) }
}

type Origin = Pick<CallContext, 'settings'> & { readonly origin: string }

const accountView = ({ sort_key: _key, avatar_url, ...line }: AccountNumbers, { settings }: Origin) => ({
  ...line,
  days: [...line.days],
  avatar:
    avatar_url !== null && isOfPlatform(avatar_url, line.platform, settings)
      ? leadTo(avatar_url, settings)
      : null,
})

const brandView = ({ sort_key: _key, ...line }: BrandNumbers) => ({
  ...line,
  days: [...line.days],
  platforms: [...line.platforms],
})

function postView(
  { sort_key: _key, url, is_fresh, content_key, now, published_at, ...post }: BestPost,
  { settings, origin }: Origin,
) {
  const { platform } = post
  return {
    ...post,
    published_at: published_at.toISOString(),
    picture: pictureFor({ platform, url, is_fresh, content_key, now }, settings, origin),
  }
}

function mentionView(
  { sort_key: _key, url, is_fresh, content_key, now, published_at, ...mention }: Mention,
  { settings, origin }: Origin,
) {
  const { platform, sources, seen_as, evidence } = mention
  return {
    ...mention,
    sources: MentionView.shape.sources.parse(sources),
    seen_as: MentionView.shape.seen_as.parse(seen_as),
    evidence: [...evidence],
    published_at: published_at.toISOString(),
    picture: pictureFor({ platform, url, is_fresh, content_key, now }, settings, origin),
  }
}

/** Numbers for people, of the views of schema report. */
export const numbersRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/report/brands',
    cachedS: 5,
    summary: 'Brands with the numbers of their accounts, and what some days brought them',
    scope: 'read',
    isForClients: true,
    query: BrandNumbersQuery,
    status: 200,
    answer: sortedListOf(BrandNumbersView),
    serve: async ({ db, caller, query: { after, limit, sort = '-followers', ...filter } }) => {
      const order = orderOf(sort, after, brandSortFits)
      const rows = await brandNumbers(db, { ...filter, reach: caller.reach }, order, limit)
      const { items, next } = sortedPage(rows, limit)
      return { items: items.map(brandView), next }
    },
  }),
  route({
    method: 'GET',
    path: '/v1/report/accounts',
    cachedS: 5,
    summary: 'Accounts with their numbers, and what some days brought them; `ids` compares a few',
    scope: 'read',
    isForClients: true,
    query: AccountNumbersQuery,
    status: 200,
    answer: sortedListOf(AccountNumbersView),
    serve: async ({ query: { after, limit, sort = '-followers', ...filter }, ...call }) => {
      const order = orderOf(sort, after, numbersSorts)
      const rows = await accountNumbers(call.db, { ...filter, reach: call.caller.reach }, order, limit)
      const { items, next } = sortedPage(rows, limit)
      return { items: items.map((line) => accountView(line, call)), next }
    },
  }),
  route({
    method: 'GET',
    path: '/v1/report/posts',
    cachedS: 5,
    summary: 'Posts published in some days, the best first, each with a picture',
    scope: 'read',
    isForClients: true,
    query: BestPostsQuery,
    status: 200,
    answer: sortedListOf(BestPostView),
    serve: async ({ query: { after, limit, sort = '-engagement_rate', ...filter }, ...call }) => {
      const order = orderOf(sort, after, postSorts)
      const rows = await bestPosts(call.db, { ...filter, reach: call.caller.reach }, order, limit)
      const { items, next } = sortedPage(rows, limit)
      return { items: items.map((post) => postView(post, call)), next }
    },
  }),
  route({
    method: 'GET',
    path: '/v1/report/mentions',
    cachedS: 5,
    summary: 'Posts that mention a brand, in words, by its handle or in pictures, the newest first',
    scope: 'read',
    isForClients: true,
    query: MentionQuery,
    status: 200,
    answer: sortedListOf(MentionView),
    serve: async ({ query: { after, limit, brand, ...filter }, ...call }) => {
      const { reach } = call.caller
      const found = await brandCalled(call.db, brand, reach)
      if (!found)
        throw new Problem(400, 'invalid_query', 'the query is not usable', [
          { field: 'brand', message: 'no brand has this name or alias' },
        ])
      const place = placeOf(after, postSorts.published_at.fits)
      const rows = await mentionsOf(call.db, { ...filter, brand_id: found.id, reach }, place, limit)
      const { items, next } = sortedPage(rows, limit)
      return { items: items.map((mention) => mentionView(mention, call)), next }
    },
  }),
]
