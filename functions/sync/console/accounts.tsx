import { useState } from 'preact/hooks'
import { useQuery } from './address.ts'
import { Filters } from './filters.tsx'
import { Paged } from './paged.tsx'
import { Act, Card, count, Empty, Heading, State, Time } from './parts.tsx'
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
      <Heading text="Accounts" />
      <Filters query={query} change={change} />
      <div class="actions">
        <a class="button main" href="#/start">
          Follow an account
        </a>
        <a class="button" href="#/list">
          Follow a list
        </a>
        <a class="button" href="#/connect">
          Connect an owner
        </a>
        {chosen.size > 0 && <Bulk ids={[...chosen]} done={done} />}
      </div>
      <p role="status">{message}</p>
      <Card title="Followed">
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
  const many = ids.length === 1 ? '1 account' : `${ids.length} accounts`
  return (
    <>
      <Act
        method="POST"
        path="/v1/accounts/unfollow"
        body={{ account_ids: ids }}
        onDone={(answer: Results) => done(`Unfollowed: ${countOf(answer, 'unfollowed')}. Their rows stay.`)}
      >
        Unfollow {many}
      </Act>
      <Act
        method="POST"
        path="/v1/erasures/batch"
        body={{ account_ids: ids }}
        confirm={`Erase ${many} with everything known of them, for good? To keep their rows, unfollow them instead.`}
        onDone={(answer: Results) => done(`Erased: ${countOf(answer, 'erased')}.`)}
      >
        Erase {many}
      </Act>
    </>
  )
}

function AccountTable({ items, chosen, choose }: Choosing & { readonly items: readonly Account[] }) {
  if (items.length === 0) {
    return (
      <Empty>
        No accounts here. <a href="#/start">Follow one</a>
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
              aria-label="Choose all shown"
              checked={items.every(({ id }) => chosen.has(id))}
              onChange={(event) =>
                choose(new Set(event.currentTarget.checked ? items.map(({ id }) => id) : []))
              }
            />
          </th>
          <th scope="col">Account</th>
          <th scope="col">Platform</th>
          <th scope="col">Client</th>
          <th scope="col">State</th>
          <th scope="col" class="number">
            Followers
          </th>
          <th scope="col" class="number">
            Posts
          </th>
          <th scope="col">Seen</th>
          <th scope="col">Last sync</th>
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
          aria-label={`Choose ${nameOf(account)}`}
          checked={isChosen}
          onChange={(event) => toggle(event.currentTarget.checked)}
        />
      </td>
      <td data-label="Account">
        <a href={`#/accounts/${account.id}`}>{nameOf(account)}</a>{' '}
        {account.tags.map((tag) => (
          <a key={tag} class="tag" href={`#/accounts?tag=${encodeURIComponent(tag)}`}>
            {tag}
          </a>
        ))}
      </td>
      <td data-label="Platform">{account.platform}</td>
      <td data-label="Client">
        {account.client ?? ''} {account.brand && <span class="quiet">{account.brand}</span>}
      </td>
      <td data-label="State">
        <State of={account.is_late ? 'late' : account.status} />{' '}
        <span class="quiet">{account.status_reason}</span>
        {account.status === 'reauth_required' && (
          <>
            {' '}
            <a href={`#/connect?account=${account.id}`}>Reconnect</a>
          </>
        )}
      </td>
      <td data-label="Followers" class="number">
        {account.seen_at === null ? <span class="quiet">not read</span> : count(account.followers)}
      </td>
      <td data-label="Posts" class="number">
        {count(account.posts)}
      </td>
      <td data-label="Seen">
        <Time at={account.seen_at} />
      </td>
      <td data-label="Last sync">{account.last_sync ? <State of={account.last_sync} /> : 'none'}</td>
    </tr>
  )
}
