import { AccountTable } from './account-list.tsx'
import { useQuery } from './address.ts'
import { CsvButton } from './csv.tsx'
import { followersByDay, gainsByDay, RangePicker, rangeIn } from './days.tsx'
import { t } from './language.ts'
import { Lines } from './lines.tsx'
import { Card, Empty, Heading, Shown } from './parts.tsx'
import { titleOf } from './platforms.ts'
import type { AccountNumbers, List } from './types.ts'
import { useApi } from './use-api.ts'

const path = '/v1/report/accounts'

/** Up to five accounts beside each other. */
export function ComparePage() {
  const [query, change] = useQuery()
  const ids = (query['ids'] ?? '')
    .split(',')
    .filter((id) => /^\d+$/.test(id))
    .slice(0, 5)
  return (
    <>
      <Heading text={t('people.compareTitle')} />
      <search class="actions">
        <RangePicker query={query} change={change} />
        <a class="button" href="#/accounts">
          {t('shell.accounts')}
        </a>
      </search>
      {ids.length === 0 ? (
        <Empty>{t('people.compareUpTo')}</Empty>
      ) : (
        <Compared query={{ ids: ids.join(','), ...rangeIn(query) }} />
      )}
    </>
  )
}

function Compared({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const asked = useApi<List<AccountNumbers>>(`${path}?${new URLSearchParams(query)}`, 30_000)
  return (
    <Shown of={asked}>
      {({ items }) => (
        <>
          <Card title={t('shell.accounts')}>
            <AccountTable items={items} />
            <p class="pager">
              <CsvButton path={path} query={query} />
            </p>
          </Card>
          <Card title={t('people.overTime')}>
            <Lines
              title={t('numbers.followersGained')}
              lines={items.map((item) => ({
                name: lineName(item),
                points: sumsOf(gainsByDay(item.days, 'followers_gained')),
              }))}
            />
            <Lines
              title={t('numbers.followers')}
              lines={items.map((item) => ({
                name: lineName(item),
                points: followersByDay(item.days, item.followers),
              }))}
            />
            <Lines
              title={t('numbers.viewsGained')}
              lines={items.map((item) => ({
                name: lineName(item),
                points: sumsOf(gainsByDay(item.days, 'views_gained')),
              }))}
            />
          </Card>
        </>
      )}
    </Shown>
  )
}

const lineName = ({ account, platform }: AccountNumbers) => `@${account} (${titleOf(platform)})`

/** What came together since the first of the days: accounts of any size can be compared. */
function sumsOf(points: ReturnType<typeof gainsByDay>) {
  let sum = 0
  return points.map(({ day, value }) => {
    sum += value
    return { day, value: sum }
  })
}
