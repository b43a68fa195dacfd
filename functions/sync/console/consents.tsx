import { Fragment } from 'preact'
import { named, t, translated } from './language.ts'
import { Paged } from './paged.tsx'
import { Card, Empty, Shown, State, Time } from './parts.tsx'
import { titleOf } from './platforms.ts'
import type { ConnectLink, Consent, Place } from './types.ts'
import { useApi } from './use-api.ts'

/** What to register with each platform, and whether an app is set up. */
export function PlacesCard() {
  const asked = useApi<{ items: Place[] }>('/v1/connect')
  return (
    <Card title={t('connect.apps')}>
      <Shown of={asked}>
        {({ items }) => (
          <dl>
            {items.map((place) => (
              <Fragment key={place.platform}>
                <dt>{titleOf(place.platform)}</dt>
                <dd>
                  <State of={place.is_set_up ? 'set_up' : 'not_set_up'} />
                  <div>
                    {t('connect.register')} <code>{place.redirect}</code>
                  </div>
                  {place.deauthorize && (
                    <div>
                      {t('connect.deauthorize')} <code>{place.deauthorize}</code>
                    </div>
                  )}
                  {place.deletion && (
                    <div>
                      {t('connect.deletion')} <code>{place.deletion}</code>
                    </div>
                  )}
                </dd>
              </Fragment>
            ))}
          </dl>
        )}
      </Shown>
    </Card>
  )
}

/** Links that owners were sent, and how each went. */
export const LinksCard = () => (
  <Card title={t('connect.links')}>
    <Paged<ConnectLink> path="/v1/connect-links" query={{ limit: '20' }} everyMs={5_000}>
      {(items) => (items.length === 0 ? <Empty>{t('connect.noLinks')}</Empty> : <LinkTable items={items} />)}
    </Paged>
  </Card>
)

const LinkTable = ({ items }: { readonly items: readonly ConnectLink[] }) => (
  <table>
    <thead>
      <tr>
        <th scope="col">{t('connect.link')}</th>
        <th scope="col">{t('numbers.platform')}</th>
        <th scope="col">{t('numbers.client')}</th>
        <th scope="col">{t('work.state')}</th>
        <th scope="col">{t('connect.goodUntil')}</th>
        <th scope="col">{t('people.account')}</th>
      </tr>
    </thead>
    <tbody>
      {items.map((link) => (
        <tr key={link.id}>
          <td data-label={t('connect.link')}>{t('connect.madeBy', { id: link.id, name: link.made_by })}</td>
          <td data-label={t('numbers.platform')}>{titleOf(link.platform)}</td>
          <td data-label={t('numbers.client')}>{link.client ?? ''}</td>
          <td data-label={t('work.state')}>
            <State of={link.state} />{' '}
            {link.state !== 'connected' && link.last_outcome && (
              <span class="quiet">
                {t('connect.lastTry', { outcome: named('outcomes', link.last_outcome) })}
              </span>
            )}
          </td>
          <td data-label={t('connect.goodUntil')}>
            <Time at={link.expires_at} />
          </td>
          <td data-label={t('people.account')}>
            <LinkAccount link={link} />
          </td>
        </tr>
      ))}
    </tbody>
  </table>
)

function LinkAccount({ link }: { readonly link: ConnectLink }) {
  const id = link.connected_account_id ?? link.account_id
  return id === null ? null : <a href={`#/followed/${id}`}>{t('connect.accountNo', { id })}</a>
}

/** Consents and shared tokens: whose, what for, until when. Never the tokens. */
export const ConsentsCard = () => (
  <Card title={t('connect.consents')}>
    <Paged<Consent> path="/v1/credentials" query={{ limit: '50' }} everyMs={30_000}>
      {(items) =>
        items.length === 0 ? <Empty>{t('connect.noConsents')}</Empty> : <ConsentTable items={items} />
      }
    </Paged>
  </Card>
)

/** @param isEnding all that are shown need their owners again before long */
export const ConsentTable = ({
  items,
  isEnding = false,
}: {
  readonly items: readonly Consent[]
  readonly isEnding?: boolean
}) => (
  <table>
    <thead>
      <tr>
        <th scope="col">{t('people.account')}</th>
        <th scope="col">{t('numbers.platform')}</th>
        <th scope="col">{t('work.state')}</th>
        <th scope="col">{t('connect.renewed')}</th>
        <th scope="col">{t('connect.ends')}</th>
        <th scope="col">{t('connect.rights')}</th>
      </tr>
    </thead>
    <tbody>
      {items.map((consent) => (
        <tr key={consent.id}>
          <td data-label={t('people.account')}>
            {consent.account_id === null ? (
              t('connect.allOthers')
            ) : (
              <a href={`#/followed/${consent.account_id}`}>{consent.account}</a>
            )}
          </td>
          <td data-label={t('numbers.platform')}>{titleOf(consent.platform)}</td>
          <td data-label={t('work.state')}>
            <State of={consent.status} /> <span class="quiet">{translated(consent.status_reason ?? '')}</span>
            {(isEnding || consent.status !== 'ok') && consent.account_id !== null && (
              <>
                {' '}
                <a href={`#/connect?account=${consent.account_id}`}>{t('work.reconnect')}</a>
              </>
            )}
          </td>
          <td data-label={t('connect.renewed')}>
            <Time at={consent.renewed_at ?? consent.created_at} />
          </td>
          <td data-label={t('connect.ends')}>
            {consent.ends_at === null ? t('shell.never') : <Time at={consent.ends_at} />}
            {consent.is_renewed && consent.status === 'ok' && (
              <span class="quiet">, {t('connect.renewedBefore')}</span>
            )}
          </td>
          <td data-label={t('connect.rights')} class="quiet">
            {consent.scopes.map((scope) => named('rights', scope.replaceAll('.', '_'))).join('; ')}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
)
