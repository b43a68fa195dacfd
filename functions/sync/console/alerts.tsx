import { alertLine } from '#shared/language/alert-line.ts'
import { ChannelsCard } from './channels.tsx'
import { t, words } from './language.ts'
import { Paged } from './paged.tsx'
import { Card, Empty, Heading, Time, timeText } from './parts.tsx'
import { titleOf } from './platforms.ts'
import type { Alert } from './types.ts'

/** What is wrong now, what was, and the channels that get messages about it. */
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
const lineOf = (alert: Alert): string => alertLine(alert, words, { titleOf, timeOf: timeText })
