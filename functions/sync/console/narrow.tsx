import { useEffect, useState } from 'preact/hooks'
import type { Query } from './address.ts'
import { t } from './language.ts'
import type { Brand, Client, List } from './types.ts'
import { useApi } from './use-api.ts'

export interface Narrowing {
  readonly query: Query
  readonly change: (changes: Query) => void
}

/** Searches when typing has stopped for a moment. */
export function Search({ query, change }: Narrowing) {
  const [text, setText] = useState(query['q'] ?? '')
  useEffect(() => {
    if (text.trim() !== (query['q'] ?? '')) setText(query['q'] ?? '')
  }, [query['q']])
  useEffect(() => {
    if (text.trim() === (query['q'] ?? '')) return undefined
    const timer = setTimeout(() => change({ q: text.trim() }), 300)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <label>
      {t('numbers.search')}{' '}
      <input
        type="search"
        value={text}
        maxLength={300}
        placeholder={t('numbers.nameOrHandle')}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </label>
  )
}

/** One of several values, or all. */
export const Choice = ({
  name,
  label,
  query,
  change,
  all = t('shell.all'),
  children,
}: Narrowing & {
  readonly name: string
  readonly label: string
  readonly all?: string
  readonly children: preact.ComponentChildren
}) => (
  <label>
    {label}{' '}
    <select value={query[name] ?? ''} onChange={(event) => change({ [name]: event.currentTarget.value })}>
      <option value="">{all}</option>
      {children}
    </select>
  </label>
)

/** The clients of the list, where there are any. */
export function ClientChoice(props: Narrowing) {
  const clients = useApi<List<Client>>('/v1/clients?limit=1000')
  const items = clients.data?.items ?? []
  if (items.length === 0) return null
  return (
    <Choice name="client" label={t('numbers.client')} {...props}>
      {items.map(({ id, name }) => (
        <option key={id} value={name}>
          {name}
        </option>
      ))}
    </Choice>
  )
}

/** The brands of the list. @param all what stands where none is chosen */
export function BrandChoice({ all, ...props }: Narrowing & { readonly all?: string }) {
  const brands = useApi<List<Brand>>('/v1/brands?limit=1000&counts=false')
  return (
    <Choice name="brand" label={t('numbers.brand')} {...(all ? { all } : {})} {...props}>
      {brands.data?.items.map(({ id, name }) => (
        <option key={id} value={name}>
          {name}
        </option>
      ))}
    </Choice>
  )
}
