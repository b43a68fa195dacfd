import { Paged } from './paged.tsx'
import { Card, count, Empty, lengthOf, State, Time } from './parts.tsx'
import type { Entry } from './types.ts'
import { inWords } from './words.ts'

/** Syncs of an account, the newest first: how each went, and how long it took. */
export const Timeline = ({ accountId }: { readonly accountId: string }) => (
  <Card title="Timeline">
    <Paged<Entry> path={`/v1/accounts/${accountId}/syncs`} query={{ limit: '12' }} everyMs={5_000}>
      {(items) =>
        items.length === 0 ? (
          <Empty>It was not synced yet.</Empty>
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
        {sync_id === null ? 'upkeep' : <a href={`#/syncs/${sync_id}`}>sync {sync_id}</a>}{' '}
        {inWords(entry.mode)}, {inWords(entry.lane)}
      </div>
      <div class="quiet">
        <Time at={asked_at} />
        {walked_at && `, read ${took(asked_at, walked_at)} later`}
        {walked_at && finished_at && `, finished ${took(walked_at, finished_at)} after that`}
      </div>
      <div class="quiet">
        {count(entry.pages)} pages, {count(entry.records)} records
        {entry.quarantined > 0 && `, ${entry.quarantined} refused`}
        {entry.parked > 0 && `, ${entry.parked} parked`}
      </div>
      {entry.last_error && <div class="warning">{entry.last_error}</div>}
    </li>
  )
}
