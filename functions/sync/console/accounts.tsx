import { useState } from 'preact/hooks'
import { Paged } from './paged.tsx'
import { Card, count, Empty, Heading, PlatformOptions, State, Time } from './parts.tsx'
import type { Account } from './types.ts'

export const nameOf = ({ handle, native_id }: Pick<Account, 'handle' | 'native_id'>) =>
  handle === null ? (native_id ?? '?') : `@${handle}`

const statuses = [
  ...['active', 'paused', 'missing', 'reauth_required', 'private'],
  ...['suspended', 'closed', 'unsupported'],
]

/** Who is followed, page by page. */
export function AccountsPage() {
  const [platform, setPlatform] = useState('')
  const [status, setStatus] = useState('')
  return (
    <>
      <Heading text="Accounts" />
      <div class="actions">
        <label>
          Platform{' '}
          <select value={platform} onChange={(event) => setPlatform(event.currentTarget.value)}>
            <option value="">all</option>
            <PlatformOptions />
          </select>
        </label>
        <label>
          Status{' '}
          <select value={status} onChange={(event) => setStatus(event.currentTarget.value)}>
            <option value="">all</option>
            {statuses.map((one) => (
              <option key={one} value={one}>
                {one.replaceAll('_', ' ')}
              </option>
            ))}
          </select>
        </label>
        <a class="button main" href="#/start">
          Follow an account
        </a>
      </div>
      <Card title="Followed">
        <Paged<Account>
          key={`${platform} ${status}`}
          path="/v1/accounts"
          query={{ limit: '50', ...(platform ? { platform } : {}), ...(status ? { status } : {}) }}
          everyMs={10_000}
        >
          {(items) => <AccountTable items={items} />}
        </Paged>
      </Card>
    </>
  )
}

function AccountTable({ items }: { readonly items: readonly Account[] }) {
  if (items.length === 0) {
    return (
      <Empty>
        No accounts here. <a href="#/start">Follow one</a>
      </Empty>
    )
  }
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Account</th>
          <th scope="col">Platform</th>
          <th scope="col">Status</th>
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
          <tr key={account.id}>
            <td data-label="Account">
              <a href={`#/accounts/${account.id}`}>{nameOf(account)}</a>
            </td>
            <td data-label="Platform">{account.platform}</td>
            <td data-label="Status">
              <State of={account.status} /> <span class="quiet">{account.status_reason}</span>
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
        ))}
      </tbody>
    </table>
  )
}
