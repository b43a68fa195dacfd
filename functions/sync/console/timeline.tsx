import { named, t, translated } from './language.ts'
import { count, lengthOf } from './measures.tsx'
import { Paged } from './paged.tsx'
import { Card, Empty, State, Time } from './parts.tsx'
import type { Entry } from './types.ts'

/** Syncs of an account, the newest first: how each went, and how long it took. */
export const Timeline = ({ accountId }: { readonly accountId: string }) => (
  <Card title={t('work.timeline')}>
    <Paged<Entry> path={`/v1/accounts/${accountId}/syncs`} query={{ limit: '12' }} everyMs={5_000}>
      {(items) =>
        items.length === 0 ? (
          <Empty>{t('work.notSynced')}</Empty>
        ) : (
          <ol class="timeline">
            {items.map((entry) => (
              <Line key={entry.id} entry={entry} />
            ))}
          </ol>
        )
      }
    </Paged>
  </Card>
)

function Line({ entry }: { readonly entry: Entry }) {
  const { sync_id, asked_at, walked_at, finished_at } = entry
  const took = (from: string, to: string) => lengthOf(Date.parse(to) - Date.parse(from))
  return (
    <li>
      <div>
        <State of={entry.reason === 'incomplete' ? 'incomplete' : entry.status} />{' '}
        {sync_id === null ? (
          t('work.upkeep')
        ) : (
          <a href={`#/syncs/${sync_id}`}>{t('work.syncNo', { id: sync_id })}</a>
        )}{' '}
        {named('ways', entry.mode)}, {named('ways', entry.lane)}
      </div>
      <div class="quiet">
        <Time at={asked_at} />
        {walked_at && `, ${t('work.readLater', { time: took(asked_at, walked_at) })}`}
        {walked_at && finished_at && `, ${t('work.finishedLater', { time: took(walked_at, finished_at) })}`}
      </div>
      <div class="quiet">
        {t('work.pages', { count: entry.pages })}, {t('work.recordsOf', { count: entry.records })}
        {entry.quarantined > 0 && `, ${t('work.refusedNo', { number: count(entry.quarantined) })}`}
        {entry.parked > 0 && `, ${t('work.parkedNo', { number: count(entry.parked) })}`}
      </div>
      {entry.last_error && <div class="warning">{translated(entry.last_error)}</div>}
    </li>
  )
}
