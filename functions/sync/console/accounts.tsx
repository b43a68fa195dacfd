import { useState } from 'preact/hooks'
import { useQuery } from './address.ts'
import { Filters } from './filters.tsx'
import { t, translated } from './language.ts'
import { count } from './measures.tsx'
import { Paged } from './paged.tsx'
import { Act, Card, Empty, Heading, State, Time } from './parts.tsx'
import { titleOf } from './platforms.ts'
import type { Account } from './types.ts'

export const nameOf = ({ handle, native_id }: Pick<Account, 'handle' | 'native_id'>) =>
  handle === null ? (native_id ?? '?') : `@${handle}`

/** Who is followed: searched, filtered and sorted by what the address says, page by page. */
export function AccountsPage() {
  const [query, change] = useQuery()
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set())
  // After a change the list is asked for once more.
  const [turn, setTurn] = useState(0)
  const [message, setMessage] = useState('')
  const done = (text: string) => {
    choose(new Set())
    setMessage(text)
    setTurn(turn + 1)
  }
  const asked = new URLSearchParams(query).toString()
  return (
    <>
      <Heading text={t('follow.followed')} />
      <Filters query={query} change={change} />
      <div class="actions">
        <a class="button main" href="#/start">
          {t('follow.followAccount')}
        </a>
        <a class="button" href="#/list">
          {t('follow.list')}
        </a>
        <a class="button" href="#/connect">
          {t('follow.connectOwner')}
        </a>
        {chosen.size > 0 && <Bulk ids={[...chosen]} done={done} />}
      </div>
      <p role="status">{message}</p>
      <Card title={t('follow.followedCard')}>
        <Paged<Account>
          key={`${asked} ${turn}`}
          path="/v1/accounts"
          query={{ limit: '50', ...query }}
          everyMs={10_000}
        >
          {(items) => <AccountTable items={items} chosen={chosen} choose={choose} />}
        </Paged>
      </Card>
    </>
  )
}

interface Choosing {
  readonly chosen: ReadonlySet<string>
  readonly choose: (ids: ReadonlySet<string>) => void
}

type Results = { readonly results: readonly { readonly status: string }[] }
const countOf = ({ results }: Results, wanted: string) =>
  results.filter(({ status }) => status === wanted).length

function Bulk({ ids, done }: { readonly ids: readonly string[]; readonly done: (text: string) => void }) {
  const accounts = t('numbers.accountsOf', { count: ids.length })
  return (
    <>
      <Act
        method="POST"
        path="/v1/accounts/unfollow"
        body={{ account_ids: ids }}
        onDone={(answer: Results) => done(t('follow.unfollowed', { number: countOf(answer, 'unfollowed') }))}
      >
        {t('follow.unfollowMany', { accounts })}
      </Act>
      <Act
        method="POST"
        path="/v1/erasures/batch"
        body={{ account_ids: ids }}
        confirm={t('follow.eraseManyAsk', { accounts })}
        onDone={(answer: Results) => done(t('follow.erased', { number: countOf(answer, 'erased') }))}
      >
        {t('follow.eraseMany', { accounts })}
      </Act>
    </>
  )
}

function AccountTable({ items, chosen, choose }: Choosing & { readonly items: readonly Account[] }) {
  if (items.length === 0) {
    return (
      <Empty>
        {t('follow.none')} <a href="#/start">{t('people.followOne')}</a>
      </Empty>
    )
  }
  const toggle = (id: string, isOn: boolean) => {
    const next = new Set(chosen)
    if (isOn) next.add(id)
    else next.delete(id)
    choose(next)
  }
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">
            <input
              type="checkbox"
              aria-label={t('follow.chooseAll')}
              checked={items.every(({ id }) => chosen.has(id))}
              onChange={(event) =>
                choose(new Set(event.currentTarget.checked ? items.map(({ id }) => id) : []))
              }
            />
          </th>
          <th scope="col">{t('people.account')}</th>
          <th scope="col">{t('numbers.platform')}</th>
          <th scope="col">{t('numbers.client')}</th>
          <th scope="col">{t('work.state')}</th>
          <th scope="col" class="number">
            {t('numbers.followers')}
          </th>
          <th scope="col" class="number">
            {t('numbers.posts')}
          </th>
          <th scope="col">{t('follow.seen')}</th>
          <th scope="col">{t('follow.lastSync')}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((account) => (
          <Row
            key={account.id}
            account={account}
            isChosen={chosen.has(account.id)}
            toggle={(isOn) => toggle(account.id, isOn)}
          />
        ))}
      </tbody>
    </table>
  )
}

const Row = (props: {
  readonly account: Account
  readonly isChosen: boolean
  readonly toggle: (isOn: boolean) => void
}) => {
  const { account, isChosen, toggle } = props
  return (
    <tr>
      <td>
        <input
          type="checkbox"
          aria-label={t('people.choose', { name: nameOf(account) })}
          checked={isChosen}
          onChange={(event) => toggle(event.currentTarget.checked)}
        />
      </td>
      <td data-label={t('people.account')}>
        <a href={`#/followed/${account.id}`}>{nameOf(account)}</a>{' '}
        {account.tags.map((tag) => (
          <a key={tag} class="tag" href={`#/followed?tag=${encodeURIComponent(tag)}`}>
            {tag}
          </a>
        ))}
      </td>
      <td data-label={t('numbers.platform')} class="short">
        {titleOf(account.platform)}
      </td>
      <td data-label={t('numbers.client')}>
        {account.client ?? ''} {account.brand && <span class="quiet">{account.brand}</span>}
      </td>
      <td data-label={t('work.state')}>
        <State of={account.is_late ? 'late' : account.status} />{' '}
        <span class="quiet">{translated(account.status_reason ?? '')}</span>
        {account.status === 'reauth_required' && (
          <>
            {' '}
            <a href={`#/connect?account=${account.id}`}>{t('work.reconnect')}</a>
          </>
        )}
      </td>
      <td data-label={t('numbers.followers')} class="number">
        {account.seen_at === null ? (
          <span class="quiet">{t('follow.notRead')}</span>
        ) : (
          count(account.followers)
        )}
      </td>
      <td data-label={t('numbers.posts')} class="number">
        {count(account.posts)}
      </td>
      <td data-label={t('follow.seen')}>
        <Time at={account.seen_at} />
      </td>
      <td data-label={t('follow.lastSync')}>
        {account.last_sync ? <State of={account.last_sync} /> : t('follow.noSync')}
      </td>
    </tr>
  )
}
