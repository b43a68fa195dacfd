import { useQuery } from './address.ts'
import { RangePicker, rangeIn } from './days.tsx'
import { named, t } from './language.ts'
import { count, shareOf } from './measures.tsx'
import { BrandChoice, Choice, ClientChoice, type Narrowing } from './narrow.tsx'
import { Paged } from './paged.tsx'
import { Card, Empty, Heading, PlatformOptions, Time } from './parts.tsx'
import { Picture } from './picture.tsx'
import { titleOf } from './platforms.ts'
import type { BestPost } from './types.ts'

const kinds = ['video', 'short_video', 'live', 'image', 'carousel', 'story', 'text']

const ByChoice = (props: Narrowing) => (
  <Choice name="sort" label={t('people.bestBy')} all={t('people.byRate')} {...props}>
    <option value="-engagement">{t('people.byEngagement')}</option>
    <option value="-views">{t('people.byViews')}</option>
    <option value="-engagement_by_followers">{t('people.byFollowers')}</option>
    <option value="-published_at">{t('people.newest')}</option>
  </Choice>
)

/** The best posts of a range of days, of all accounts or some. */
export function BestPostsPage() {
  const [query, change] = useQuery()
  const wanted = ['client', 'brand', 'platform', 'class', 'sort'].flatMap((name) =>
    query[name] ? [[name, query[name]] as const] : [],
  )
  return (
    <>
      <Heading text={t('people.bestPosts')} />
      <search class="actions">
        <RangePicker query={query} change={change} />
        <ByChoice query={query} change={change} />
        <BrandChoice query={query} change={change} />
        <ClientChoice query={query} change={change} />
        <Choice name="platform" label={t('numbers.platform')} query={query} change={change}>
          <PlatformOptions />
        </Choice>
        <Choice name="class" label={t('numbers.kind')} query={query} change={change}>
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {named('kinds', kind)}
            </option>
          ))}
        </Choice>
      </search>
      <BestPosts query={{ ...rangeIn(query), ...Object.fromEntries(wanted) }} limit={20} />
    </>
  )
}

/** A handful of views makes no rate, as in docs/ANALYTICS.md. */
const leastViews = ({ sort = '-engagement_rate' }: Readonly<Record<string, string>>) =>
  sort === '-engagement_rate' ? { least_views: '100' } : {}

/** Posts with their pictures, the best first. */
export function BestPosts(props: {
  readonly query: Readonly<Record<string, string>>
  readonly limit: number
}) {
  const { query, limit } = props
  return (
    <Card title={t('people.bestPosts')}>
      <Paged<BestPost>
        key={JSON.stringify(query)}
        path="/v1/report/posts"
        query={{ ...query, ...leastViews(query), limit: String(limit) }}
        everyMs={0}
      >
        {(items) =>
          items.length === 0 ? (
            <Empty>{t('people.noPosts')}</Empty>
          ) : (
            <ol class="posts">
              {items.map((post) => (
                <PostCard key={post.id} post={post} sort={query['sort']} />
              ))}
            </ol>
          )
        }
      </Paged>
    </Card>
  )
}

const numbersOf = (post: BestPost) =>
  [
    [t('numbers.views'), post.views],
    [t('numbers.likes'), post.likes],
    [t('numbers.comments'), post.comments],
    [t('numbers.engagement'), post.engagement],
  ] as const

/** Engagement by views, or by followers where posts are sorted by that or views are hidden. */
const Rate = ({ post, sort }: { readonly post: BestPost; readonly sort: string | undefined }) => {
  const isByFollowers = sort === '-engagement_by_followers' || post.engagement_rate === null
  return (
    <div>
      <dt>{t(isByFollowers ? 'numbers.rateByFollowers' : 'numbers.rate')}</dt>
      <dd>
        <strong>{shareOf(isByFollowers ? post.engagement_by_followers : post.engagement_rate)}</strong>
      </dd>
    </div>
  )
}

const PostCard = ({ post, sort }: { readonly post: BestPost; readonly sort: string | undefined }) => (
  <li>
    <Picture src={post.picture} alt={t('people.picture')} kind="thumbnail" />
    <div>
      <a class="line" href={`#/posts/${post.id}`}>
        {post.title ?? t('people.untitled')}
      </a>
      <div class="quiet">
        <a href={`#/accounts/${post.account_id}`}>@{post.account}</a>, {titleOf(post.platform)},{' '}
        {named('kinds', post.class)}, <Time at={post.published_at} />
      </div>
      <dl class="facts">
        {numbersOf(post).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{count(value)}</dd>
          </div>
        ))}
        <Rate post={post} sort={sort} />
      </dl>
    </div>
  </li>
)
