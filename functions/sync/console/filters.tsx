import { useEffect, useState } from 'preact/hooks'
import type { Query } from './address.ts'
import { PlatformOptions } from './parts.tsx'
import type { Brand, Client, List } from './types.ts'
import { useApi } from './use-api.ts'

const states = [
  ...['active', 'paused', 'unfollowed', 'missing', 'reauth_required', 'private'],
  ...['suspended', 'closed', 'unsupported'],
]

const sorts = [
  ['', 'when followed'],
  ['handle', 'handle'],
  ['name', 'name'],
  ['-followers', 'followers, most first'],
  ['followers', 'followers, fewest first'],
  ['seen_at', 'seen, longest ago first'],
  ['-seen_at', 'seen, newest first'],
  ['next_sync_at', 'next sync'],
] as const

interface Filtering {
  readonly query: Query
  readonly change: (changes: Query) => void
}

/** What a list of accounts is narrowed by. */
export function Filters({ query, change }: Filtering) {
  const clients = useApi<List<Client>>('/v1/clients?limit=1000')
  const brands = useApi<List<Brand>>('/v1/brands?limit=1000&counts=false')
  return (
    <search class="actions">
      <Search query={query} change={change} />
      <Choice name="platform" label="Platform" query={query} change={change}>
        <PlatformOptions />
      </Choice>
      <Choice name="state" label="State" query={query} change={change}>
        {states.map((one) => (
          <option key={one} value={one}>
            {one.replaceAll('_', ' ')}
          </option>
        ))}
      </Choice>
      <Choice name="client" label="Client" query={query} change={change}>
        {clients.data?.items.map(({ id, name }) => (
          <option key={id} value={name}>
            {name}
          </option>
        ))}
      </Choice>
      <Choice name="brand" label="Brand" query={query} change={change}>
        {brands.data?.items.map(({ id, name }) => (
          <option key={id} value={name}>
            {name}
          </option>
        ))}
      </Choice>
      <label>
        <input
          type="checkbox"
          checked={query['late'] === 'true'}
          onChange={(event) => change({ late: event.currentTarget.checked ? 'true' : '' })}
        />{' '}
        late only
      </label>
      <label>
        Sorted by{' '}
        <select value={query['sort'] ?? ''} onChange={(event) => change({ sort: event.currentTarget.value })}>
          {sorts.map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {query['tag'] && (
        <button type="button" onClick={() => change({ tag: '' })}>
          Tag {query['tag']} ×
        </button>
      )}
    </search>
  )
}

/** Searches when typing has stopped for a moment. */
function Search({ query, change }: Filtering) {
  const [text, setText] = useState(query['q'] ?? '')
  useEffect(() => setText(query['q'] ?? ''), [query['q']])
  useEffect(() => {
    if (text === (query['q'] ?? '')) return undefined
    const timer = setTimeout(() => change({ q: text.trim() }), 300)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <label>
      Search{' '}
      <input
        type="search"
        value={text}
        maxLength={300}
        placeholder="handle or name"
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </label>
  )
}

const Choice = ({
  name,
  label,
  query,
  change,
  children,
}: Filtering & {
  readonly name: string
  readonly label: string
  readonly children: preact.ComponentChildren
}) => (
  <label>
    {label}{' '}
    <select value={query[name] ?? ''} onChange={(event) => change({ [name]: event.currentTarget.value })}>
      <option value="">all</option>
      {children}
    </select>
  </label>
)
