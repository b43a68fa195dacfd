import { useState } from 'preact/hooks'
import { type Query, useQuery } from './address.ts'
import { SortChoice } from './brands.tsx'
import { RangePicker, rangeIn, withRange } from './days.tsx'
import { t } from './language.ts'
import { BrandChoice, Choice, ClientChoice, Search } from './narrow.tsx'
import { NumbersTable } from './numbers-table.tsx'
import { Paged } from './paged.tsx'
import { Card, Empty, Heading, PlatformOptions } from './parts.tsx'
import { Picture } from './picture.tsx'
import { titleOf } from './platforms.ts'
import type { AccountNumbers } from './types.ts'

const mostCompared = 5

/** Accounts with their numbers, of which a few can be chosen to be compared. */
export function AccountListPage() {
  const [query, change] = useQuery()
  const [chosen, choose] = useState<readonly string[]>([])
  const wanted = ['client', 'brand', 'platform', 'q', 'sort'].flatMap((name) =>
    query[name] ? [[name, query[name]] as const] : [],
  )
  const asked = { ...rangeIn(query), ...Object.fromEntries(wanted) }
  return (
    <>
      <Heading text={t('shell.accounts')} />
      <search class="actions">
        <RangePicker query={query} change={change} />
        <Search query={query} change={change} />
        <Choice name="platform" label={t('numbers.platform')} query={query} change={change}>
          <PlatformOptions />
        </Choice>
        <ClientChoice query={query} change={change} />
        <BrandChoice query={query} change={change} />
        <SortChoice query={query} change={change} />
      </search>
      <div class="actions">
        <CompareLink ids={chosen} query={rangeIn(query)} />
        {chosen.length > 0 && (
          <button type="button" onClick={() => choose([])}>
            {t('people.chooseNone')}
          </button>
        )}
        <a class="button" href="#/start">
          {t('people.followOne')}
        </a>
      </div>
      <Card title={t('shell.accounts')}>
        <Paged<AccountNumbers>
          key={JSON.stringify(asked)}
          path="/v1/report/accounts"
          query={{ limit: '50', ...asked }}
          everyMs={30_000}
        >
          {(items) =>
            items.length === 0 ? (
              <Empty>{wanted.length > 0 ? t('people.noneFound') : t('people.noAccounts')}</Empty>
            ) : (
              <AccountTable items={items} chosen={chosen} choose={choose} />
            )
          }
        </Paged>
      </Card>
    </>
  )
}

function CompareLink(props: {
  readonly ids: readonly string[]
  readonly query: Readonly<Record<string, string>>
}) {
  const { ids, query } = props
  if (ids.length < 2) return <span class="quiet">{t('people.compareUpTo')}</span>
  return (
    <a class="button main" href={`#/compare?${new URLSearchParams({ ids: ids.join(','), ...query })}`}>
      {t('people.compare')} ({ids.length})
    </a>
  )
}

/** Who an account is, with its picture. */
const AccountName = ({ account, query }: { readonly account: AccountNumbers; readonly query: Query }) => (
  <span class="who">
    <Picture src={account.avatar} alt={`@${account.account}`} kind="avatar" />
    <span>
      <a href={withRange(`#/accounts/${account.id}`, query)}>@{account.account}</a>{' '}
      <span class="quiet">
        {titleOf(account.platform)}
        {account.brand && <span class="wide">, {account.brand}</span>}
      </span>
    </span>
  </span>
)

const fullName = ({ account, platform }: AccountNumbers) => `@${account}, ${titleOf(platform)}`

export function AccountTable(props: {
  readonly items: readonly AccountNumbers[]
  readonly chosen?: readonly string[]
  readonly choose?: (ids: readonly string[]) => void
}) {
  const { items, chosen = [], choose } = props
  const [query] = useQuery()
  return (
    <NumbersTable
      first={t('people.account')}
      items={items}
      plainName={fullName}
      name={(account) => (
        <span class="who">
          {choose && (
            <input
              type="checkbox"
              aria-label={t('people.choose', { name: fullName(account) })}
              checked={chosen.includes(account.id)}
              disabled={!chosen.includes(account.id) && chosen.length >= mostCompared}
              onChange={(event) =>
                choose(
                  event.currentTarget.checked
                    ? [...chosen, account.id]
                    : chosen.filter((id) => id !== account.id),
                )
              }
            />
          )}
          <AccountName account={account} query={query} />
        </span>
      )}
    />
  )
}
