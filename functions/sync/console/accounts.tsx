import { useState } from 'preact/hooks'
import { Card, count, Empty, Shown, State, Time } from './parts.tsx'
import type { Account, List } from './types.ts'
import { useAsked } from './use-asked.ts'

export const nameOf = ({ handle, native_id }: Pick<Account, 'handle' | 'native_id'>) =>
  handle === null ? (native_id ?? '?') : `@${handle}`

/** Who is followed, page by page. */
export function AccountsPage() {
  const [platform, setPlatform] = useState('')
  const [places, setPlaces] = useState<readonly string[]>([''])
  const after = places.at(-1) ?? ''
  const query = [platform && `platform=${platform}`, after && `after=${after}`, 'limit=50']
    .filter(Boolean)
    .join('&')
  const accounts = useAsked<List<Account>>(`/v1/accounts?${query}`, 10_000)
  return (
    <>
      <h1 tabIndex={-1}>Accounts</h1>
      <div class="actions">
        <label>
          Platform{' '}
          <select
            value={platform}
            onChange={(event) => {
              setPlatform(event.currentTarget.value)
              setPlaces([''])
            }}
          >
            <option value="">all</option>
            <option value="youtube">YouTube</option>
            <option value="instagram">Instagram</option>
            <option value="tiktok">TikTok</option>
          </select>
        </label>
        <a class="button main" href="#/start">
          Follow an account
        </a>
      </div>
      <Card title="Followed">
        <Shown of={accounts}>
          {({ items, next }) => (
            <>
              <AccountTable items={items} />
              <p class="pager">
                {places.length > 1 && (
                  <button type="button" onClick={() => setPlaces(places.slice(0, -1))}>
                    Back
                  </button>
                )}
                {next && (
                  <button type="button" onClick={() => setPlaces([...places, next])}>
                    More
                  </button>
                )}
              </p>
            </>
          )}
        </Shown>
      </Card>
    </>
  )
}

function AccountTable({ items }: { readonly items: readonly Account[] }) {
  if (items.length === 0) {
    return (
      <Empty>
        Nobody is followed yet. <a href="#/start">Follow somebody</a>
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
              {count(account.followers)}
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
