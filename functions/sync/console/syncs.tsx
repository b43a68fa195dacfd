import { useState } from 'preact/hooks'
import { named, t } from './language.ts'
import { count } from './measures.tsx'
import { Paged } from './paged.tsx'
import { Card, Empty, Heading, State, Time } from './parts.tsx'
import type { SyncLine } from './types.ts'

export function SyncTable({ items }: { readonly items: readonly SyncLine[] }) {
  if (items.length === 0) return <Empty>{t('work.noSyncs')}</Empty>
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t('work.sync')}</th>
          <th scope="col">{t('work.state')}</th>
          <th scope="col">{t('shell.accounts')}</th>
          <th scope="col">{t('work.by')}</th>
          <th scope="col">{t('work.asked')}</th>
        </tr>
      </thead>
      <tbody>
        {items.map(({ id, state, accounts, tasks, origin, mode, created_at }) => (
          <tr key={id}>
            <td data-label={t('work.sync')}>
              <a href={`#/syncs/${id}`}>{id}</a>
            </td>
            <td data-label={t('work.state')}>
              <State of={state} />
            </td>
            <td data-label={t('shell.accounts')}>
              {tasks > accounts.length
                ? t('work.andMore', { names: accounts.join(', '), number: count(tasks - accounts.length) })
                : accounts.join(', ')}
            </td>
            <td data-label={t('work.by')}>
              {named('ways', origin)}, {named('ways', mode)}
            </td>
            <td data-label={t('work.asked')}>
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
      <Heading text={t('work.syncs')} />
      <label>
        {t('work.which')}{' '}
        <select value={origin} onChange={(event) => setOrigin(event.currentTarget.value)}>
          {origins.map((one) => (
            <option key={one} value={one}>
              {one === '' ? t('shell.all') : named('ways', one)}
            </option>
          ))}
        </select>
      </label>
      <Card title={t('work.requests')}>
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
