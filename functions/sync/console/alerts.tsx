import { ChannelsCard } from './channels.tsx'
import { named, t } from './language.ts'
import { count } from './measures.tsx'
import { Paged } from './paged.tsx'
import { Card, Empty, Heading, Time, timeText } from './parts.tsx'
import { titleOf } from './platforms.ts'
import { poolName } from './pools.ts'
import type { Alert } from './types.ts'

/** What is wrong now, what was, and whom that is told. */
export const AlertsPage = () => (
  <>
    <Heading text={t('channels.title')} />
    <Card title={t('channels.firing')}>
      <Alerts state="firing" empty={t('channels.allWell')} />
    </Card>
    <ChannelsCard />
    <Card title={t('channels.past')}>
      <Alerts state="over" empty={t('channels.noPast')} />
    </Card>
  </>
)

const Alerts = ({ state, empty }: { readonly state: 'firing' | 'over'; readonly empty: string }) => (
  <Paged<Alert> path="/v1/alerts" query={{ state, limit: '25' }} everyMs={10_000}>
    {(items) =>
      items.length === 0 ? <Empty>{empty}</Empty> : <AlertTable items={items} isOver={state === 'over'} />
    }
  </Paged>
)

const AlertTable = ({ items, isOver }: { readonly items: readonly Alert[]; readonly isOver: boolean }) => (
  <table>
    <thead>
      <tr>
        <th scope="col">{t('channels.what')}</th>
        <th scope="col">{t('channels.about')}</th>
        <th scope="col">{t('channels.since')}</th>
        {isOver && <th scope="col">{t('channels.until')}</th>}
      </tr>
    </thead>
    <tbody>
      {items.map((alert) => (
        <tr key={alert.id}>
          <td data-label={t('channels.what')}>
            <span class={isOver ? 'quiet' : 'warning'}>{t(`alerts.${alert.cause}`)}</span>
          </td>
          <td data-label={t('channels.about')}>
            {alert.account_id === null ? (
              lineOf(alert)
            ) : (
              <a href={`#/followed/${alert.account_id}`}>{lineOf(alert)}</a>
            )}
          </td>
          <td data-label={t('channels.since')}>
            <Time at={alert.fired_at} />
          </td>
          {isOver && (
            <td data-label={t('channels.until')}>
              <Time at={alert.over_at} />
            </td>
          )}
        </tr>
      ))}
    </tbody>
  </table>
)

/** An alert in one line, in the words and the time zone of the reader. */
function lineOf({ cause, details }: Alert): string {
  const { name, platform, reason, count: many, at } = details
  return t(`alerts.${cause}_one`, {
    name: nameOf(cause, name),
    platform: platform ? titleOf(platform) : '',
    reason: reason ?? t('alerts.refusedBy'),
    at: at ? timeText(at) : t('alerts.never'),
    count: count(many ?? 0),
  })
}

function nameOf(cause: Alert['cause'], name: string): string {
  if (cause === 'quota_used_up') return poolName(name)
  if (cause === 'checks_failed') return named('invariants', name)
  return cause === 'parked' ? named('alerts', name) : name
}
