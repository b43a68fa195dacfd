import { useState } from 'preact/hooks'
import { Card, Empty, Shown, State, Time } from './parts.tsx'
import type { List, SyncLine } from './types.ts'
import { useAsked } from './use-asked.ts'

export function SyncTable({ items }: { readonly items: readonly SyncLine[] }) {
  if (items.length === 0) return <Empty>Nothing was synced yet.</Empty>
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Sync</th>
          <th scope="col">State</th>
          <th scope="col">Accounts</th>
          <th scope="col">By</th>
          <th scope="col">Asked</th>
        </tr>
      </thead>
      <tbody>
        {items.map(({ id, state, accounts, tasks, origin, mode, created_at }) => (
          <tr key={id}>
            <td data-label="Sync">
              <a href={`#/syncs/${id}`}>{id}</a>
            </td>
            <td data-label="State">
              <State of={state} />
            </td>
            <td data-label="Accounts">
              {accounts.map((name) => `@${name}`).join(', ')}
              {tasks > accounts.length && ` and ${tasks - accounts.length} more`}
            </td>
            <td data-label="By">
              {origin}, {mode}
            </td>
            <td data-label="Asked">
              <Time at={created_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const origins = ['', 'http', 'schedule', 'backfill'] as const

/** Every request, the newest first, page by page. */
export function SyncsPage() {
  const [origin, setOrigin] = useState('')
  const [after, setAfter] = useState('')
  const query = [origin && `origin=${origin}`, after && `after=${after}`, 'limit=25']
    .filter(Boolean)
    .join('&')
  const syncs = useAsked<List<SyncLine>>(`/v1/syncs?${query}`, after ? 0 : 3_000)
  return (
    <>
      <h1 tabIndex={-1}>Syncs</h1>
      <label>
        Asked by{' '}
        <select
          value={origin}
          onChange={(event) => {
            setOrigin(event.currentTarget.value)
            setAfter('')
          }}
        >
          {origins.map((one) => (
            <option key={one} value={one}>
              {one || 'anybody'}
            </option>
          ))}
        </select>
      </label>
      <Card title="Requests">
        <Shown of={syncs}>
          {({ items, next }) => (
            <>
              <SyncTable items={items} />
              <p class="pager">
                {after && (
                  <button type="button" onClick={() => setAfter('')}>
                    Newest
                  </button>
                )}
                {next && (
                  <button type="button" onClick={() => setAfter(next)}>
                    Older
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
