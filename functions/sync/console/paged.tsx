import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { CsvButton } from './csv.tsx'
import { t } from './language.ts'
import { Shown } from './parts.tsx'
import type { List } from './types.ts'
import { useApi } from './use-api.ts'

/** A list page by page. Its first page is asked for again every so many milliseconds; 0: no page is. */
export function Paged<Item>(props: {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly everyMs: number
  readonly children: (items: readonly Item[]) => ComponentChildren
}) {
  const { path, query, everyMs, children } = props
  const [places, setPlaces] = useState<readonly string[]>([])
  const after = places.at(-1)
  const asked = new URLSearchParams({ ...query, ...(after === undefined ? {} : { after }) })
  const list = useApi<List<Item>>(`${path}?${asked}`, after === undefined ? everyMs : 0)
  return (
    <Shown of={list}>
      {({ items, next }) => (
        <>
          {children(items)}
          <p class="pager">
            {places.length > 0 && (
              <button type="button" onClick={() => setPlaces(places.slice(0, -1))}>
                {t('shell.back')}
              </button>
            )}
            {(items.length > 0 || places.length > 0) && <CsvButton path={path} query={query} />}
            {next && (
              <button type="button" onClick={() => setPlaces([...places, next])}>
                {t('shell.more')}
              </button>
            )}
          </p>
        </>
      )}
    </Shown>
  )
}
