import { AccountTable } from './account-list.tsx'
import { useQuery } from './address.ts'
import { BestPosts } from './best-posts.tsx'
import { followersByDay, gainsByDay, RangePicker, rangeIn } from './days.tsx'
import { t } from './language.ts'
import { Lines } from './lines.tsx'
import { count, followersOf, Gain, growthOf } from './measures.tsx'
import { Mentions } from './mentions.tsx'
import { Paged } from './paged.tsx'
import { Card, Empty, Heading, Shown } from './parts.tsx'
import type { AccountNumbers, BrandNumbers, List, NumbersOf } from './types.ts'
import { useApi } from './use-api.ts'

/** One brand: its numbers over time, its accounts, its best posts, and who mentions it. */
export function BrandPage({ id }: { readonly id: string }) {
  const [query, change] = useQuery()
  const range = rangeIn(query)
  const asked = useApi<List<BrandNumbers>>(
    `/v1/report/brands?${new URLSearchParams({ ids: id, ...range })}`,
    30_000,
  )
  const brand = asked.data?.items[0]
  return (
    <>
      <Heading text={brand?.name ?? t('numbers.brand')} />
      <search class="actions">
        <RangePicker query={query} change={change} />
      </search>
      <Shown of={asked}>
        {({ items: [found] }) => (found ? <Numbers of={found} /> : <Empty>{t('people.noneOfBrand')}</Empty>)}
      </Shown>
      {brand && (
        <>
          <Card title={t('shell.accounts')}>
            <Paged<AccountNumbers>
              key={JSON.stringify(range)}
              path="/v1/report/accounts"
              query={{ brand: brand.name, limit: '25', ...range }}
              everyMs={0}
            >
              {(items) => <AccountTable items={items} />}
            </Paged>
          </Card>
          <BestPosts query={{ brand: brand.name, ...range }} limit={5} />
          <Mentions query={{ brand: brand.name, ...range }} limit={5} />
        </>
      )}
    </>
  )
}

/** What a range of days brought, as figures and as curves. */
export function Numbers({ of }: { readonly of: NumbersOf }) {
  const growth = growthOf(of.followers_gained, of.followers)
  return (
    <Card title={t('people.overTime')}>
      <dl class="facts large">
        <div>
          <dt>{t('numbers.followers')}</dt>
          <dd>{followersOf(of)}</dd>
        </div>
        <div>
          <dt>{t('numbers.followersGained')}</dt>
          <dd>
            <Gain of={of.followers_gained} /> <span class="quiet">{growth}</span>
          </dd>
        </div>
        <div>
          <dt>{t('numbers.viewsGained')}</dt>
          <dd>
            <Gain of={of.views_gained} />
          </dd>
        </div>
        <div>
          <dt>{t('numbers.engagementGained')}</dt>
          <dd>
            <Gain of={of.engagement_gained} />
          </dd>
        </div>
        <div>
          <dt>{t('numbers.published')}</dt>
          <dd>{count(of.published)}</dd>
        </div>
      </dl>
      <div class="charts">
        <Lines
          title={t('numbers.followers')}
          lines={[{ name: t('numbers.followers'), points: followersByDay(of.days, of.followers) }]}
        />
        <Lines
          title={t('numbers.viewsGained')}
          lines={[{ name: t('numbers.viewsGained'), points: gainsByDay(of.days, 'views_gained') }]}
        />
      </div>
    </Card>
  )
}
