import { type Query, useQuery } from './address.ts'
import { RangePicker, rangeIn, withRange } from './days.tsx'
import { t } from './language.ts'
import { Choice, ClientChoice, type Narrowing, Search } from './narrow.tsx'
import { NumbersTable } from './numbers-table.tsx'
import { Paged } from './paged.tsx'
import { Card, Empty, Heading } from './parts.tsx'
import { titleOf } from './platforms.ts'
import type { BrandNumbers } from './types.ts'

/** What lists of numbers are sorted by. */
export const SortChoice = (props: Narrowing) => (
  <Choice name="sort" label={t('numbers.sortedBy')} all={t('numbers.mostFollowers')} {...props}>
    <option value="-followers_gained">{t('numbers.mostGained')}</option>
    <option value="-views_gained">{t('numbers.mostViews')}</option>
    <option value="name">{t('numbers.name')}</option>
  </Choice>
)

/** Brands with their numbers, what the console opens on. */
export function BrandsPage() {
  const [query, change] = useQuery()
  const { client, q, sort } = query
  const asked = {
    ...rangeIn(query),
    ...(client ? { client } : {}),
    ...(q ? { q } : {}),
    ...(sort ? { sort } : {}),
  }
  return (
    <>
      <Heading text={t('shell.brands')} />
      <search class="actions">
        <RangePicker query={query} change={change} />
        <Search query={query} change={change} />
        <ClientChoice query={query} change={change} />
        <SortChoice query={query} change={change} />
      </search>
      <Card title={t('shell.brands')}>
        <Paged<BrandNumbers>
          key={JSON.stringify(asked)}
          path="/v1/report/brands"
          query={{ limit: '25', ...asked }}
          everyMs={30_000}
        >
          {(items) => (items.length === 0 ? <NoBrands /> : <Table items={items} query={query} />)}
        </Paged>
      </Card>
    </>
  )
}

const NoBrands = () => (
  <Empty>
    {t('people.noBrands')} {t('people.nameBrand')} <a href="#/start">{t('people.followOne')}</a>,{' '}
    <a href="#/list">{t('follow.list')}</a>
  </Empty>
)

const Table = ({ items, query }: { readonly items: readonly BrandNumbers[]; readonly query: Query }) => (
  <NumbersTable
    first={t('numbers.brand')}
    items={items}
    plainName={({ name }) => name}
    name={({ id, name, accounts, platforms }) => (
      <>
        <a href={withRange(`#/brands/${id}`, query)}>{name}</a>{' '}
        <span class="quiet">
          {t('numbers.accountsOf', { count: accounts })}, {platforms.map(titleOf).join(', ')}
        </span>
      </>
    )}
  />
)
