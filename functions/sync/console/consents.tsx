import { Fragment } from 'preact'
import { Paged } from './paged.tsx'
import { Card, Empty, Shown, State, Time } from './parts.tsx'
import { titleOf } from './platforms.ts'
import type { ConnectLink, Consent, Place } from './types.ts'
import { useApi } from './use-api.ts'

/** How the last try of a link ended, in words. */
const outcomes: Readonly<Record<string, string>> = {
  refused: 'the owner refused',
  lacking: 'the owner left out what is needed',
  other_account: 'the owner chose another account',
  other_client: 'the account is followed for another client',
  account: 'a personal account cannot be read',
  code: 'the platform did not take the answer any more',
  redirect: 'the platform does not know our address',
  app: 'the platform does not accept our app',
  unavailable: 'the platform did not answer',
  failed: 'something went wrong',
}

/** What to register with each platform, and whether an app is set up. */
export function PlacesCard() {
  const asked = useApi<{ items: Place[] }>('/v1/connect')
  return (
    <Card title="Apps of the platforms">
      <Shown of={asked}>
        {({ items }) => (
          <dl>
            {items.map((place) => (
              <Fragment key={place.platform}>
                <dt>{titleOf(place.platform)}</dt>
                <dd>
                  <State of={place.is_set_up ? 'set up' : 'not set up'} />
                  <div>
                    Redirect address to register: <code>{place.redirect}</code>
                  </div>
                  {place.deauthorize && (
                    <div>
                      Deauthorize: <code>{place.deauthorize}</code>
                    </div>
                  )}
                  {place.deletion && (
                    <div>
                      Data deletion: <code>{place.deletion}</code>
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
  <Card title="Links">
    <Paged<ConnectLink> path="/v1/connect-links" query={{ limit: '20' }} everyMs={5_000}>
      {(items) => (items.length === 0 ? <Empty>No link was made yet.</Empty> : <LinkTable items={items} />)}
    </Paged>
  </Card>
)

const LinkTable = ({ items }: { readonly items: readonly ConnectLink[] }) => (
  <table>
    <thead>
      <tr>
        <th scope="col">Link</th>
        <th scope="col">Platform</th>
        <th scope="col">Client</th>
        <th scope="col">State</th>
        <th scope="col">Good until</th>
        <th scope="col">Account</th>
      </tr>
    </thead>
    <tbody>
      {items.map((link) => (
        <tr key={link.id}>
          <td data-label="Link">
            {link.id}, by {link.made_by}
          </td>
          <td data-label="Platform">{link.platform}</td>
          <td data-label="Client">{link.client ?? ''}</td>
          <td data-label="State">
            <State of={link.state} />{' '}
            {link.state !== 'connected' && link.last_outcome && (
              <span class="quiet">last try: {outcomes[link.last_outcome] ?? link.last_outcome}</span>
            )}
          </td>
          <td data-label="Good until">
            <Time at={link.expires_at} />
          </td>
          <td data-label="Account">
            <LinkAccount link={link} />
          </td>
        </tr>
      ))}
    </tbody>
  </table>
)

function LinkAccount({ link }: { readonly link: ConnectLink }) {
  const id = link.connected_account_id ?? link.account_id
  return id === null ? null : <a href={`#/accounts/${id}`}>account {id}</a>
}

/** Consents and shared tokens: whose, what for, until when. Never the tokens. */
export const ConsentsCard = () => (
  <Card title="Consents">
    <Paged<Consent> path="/v1/credentials" query={{ limit: '50' }} everyMs={30_000}>
      {(items) =>
        items.length === 0 ? <Empty>No owner has granted access yet.</Empty> : <ConsentTable items={items} />
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
        <th scope="col">Account</th>
        <th scope="col">Platform</th>
        <th scope="col">State</th>
        <th scope="col">Renewed</th>
        <th scope="col">Ends</th>
        <th scope="col">Rights</th>
      </tr>
    </thead>
    <tbody>
      {items.map((consent) => (
        <tr key={consent.id}>
          <td data-label="Account">
            {consent.account_id === null ? (
              'all accounts of others'
            ) : (
              <a href={`#/accounts/${consent.account_id}`}>{consent.account}</a>
            )}
          </td>
          <td data-label="Platform">{consent.platform}</td>
          <td data-label="State">
            <State of={consent.status} /> <span class="quiet">{consent.status_reason}</span>
            {(isEnding || consent.status !== 'ok') && consent.account_id !== null && (
              <>
                {' '}
                <a href={`#/connect?account=${consent.account_id}`}>Reconnect</a>
              </>
            )}
          </td>
          <td data-label="Renewed">
            <Time at={consent.renewed_at ?? consent.created_at} />
          </td>
          <td data-label="Ends">
            {consent.ends_at === null ? 'never' : <Time at={consent.ends_at} />}
            {consent.is_renewed && consent.status === 'ok' && <span class="quiet">, renewed before</span>}
          </td>
          <td data-label="Rights" class="quiet">
            {consent.scopes.join(', ')}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
)
