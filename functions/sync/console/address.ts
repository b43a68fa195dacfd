import { useEffect, useState } from 'preact/hooks'

/** The address within the console: a page, and behind `?` what it shows of it. */
export const here = (): string => location.hash.replace(/^#\/?/, '')
/** The page alone. */
export const pageOf = (address: string): string => address.split('?')[0] ?? ''

const queryHere = () => Object.fromEntries(new URLSearchParams(here().split('?')[1] ?? ''))

export type Query = Readonly<Record<string, string>>

/** What the address says beside the page, and how to change it: an empty text takes a name out. A link to it shows the same. */
export function useQuery(): readonly [Query, (changes: Query) => void] {
  const [query, setQuery] = useState<Query>(queryHere)
  useEffect(() => {
    const moved = () => setQuery(queryHere())
    addEventListener('hashchange', moved)
    return () => removeEventListener('hashchange', moved)
  }, [])
  const change = (changes: Query) => {
    const kept = Object.entries({ ...queryHere(), ...changes }).filter(([, value]) => value !== '')
    const text = new URLSearchParams(kept).toString()
    history.replaceState(null, '', `#/${pageOf(here())}${text && `?${text}`}`)
    setQuery(Object.fromEntries(kept))
  }
  return [query, change]
}
