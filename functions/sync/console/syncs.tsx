import { useState } from 'preact/hooks'
import { Paged } from './paged.tsx'
import { Card, Empty, Heading, State, Time } from './parts.tsx'
import type { SyncLine } from './types.ts'
import { inWords } from './words.ts'

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
              {accounts.join(', ')}
              {tasks > accounts.length && ` and ${tasks - accounts.length} more`}
            </td>
            <td data-label="By">
              {inWords(origin)}, {inWords(mode)}
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
  return (
    <>
      <Heading text="Syncs" />
      <label>
        Which{' '}
        <select value={origin} onChange={(event) => setOrigin(event.currentTarget.value)}>
          {origins.map((one) => (
            <option key={one} value={one}>
              {one === '' ? 'all' : inWords(one)}
            </option>
          ))}
        </select>
      </label>
      <Card title="Requests">
        <Paged<SyncLine>
          key={origin}
          path="/v1/syncs"
          query={{ limit: '25', ...(origin ? { origin } : {}) }}
          everyMs={3_000}
        >
          {(items) => <SyncTable items={items} />}
        </Paged>
      </Card>
    </>
  )
}
