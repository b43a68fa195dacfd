import { useState } from 'preact/hooks'
import { nameOf } from './accounts.tsx'
import { useQuery } from './address.ts'
import { ask } from './api.ts'
import { ConsentsCard, LinksCard, PlacesCard } from './consents.tsx'
import { t } from './language.ts'
import { Card, Failure, Heading, Shown, Time } from './parts.tsx'
import { titleOf } from './platforms.ts'
import type { Account, Client, List } from './types.ts'
import { useAct } from './use-act.ts'
import { useApi } from './use-api.ts'

/** Platforms of which owners grant access. */
const connectable = ['instagram', 'tiktok'] as const

interface Made {
  readonly url: string
  readonly expires_at: string
}

/** Owners of accounts grant access: by a link that they are sent, or here. Of an account that is named, again. */
export function ConnectPage() {
  const [{ account: id }] = useQuery()
  return (
    <>
      <Heading text={id ? t('connect.reconnect') : t('connect.connect')} />
      {id ? <Again id={id} /> : <LinkForm platform={undefined} account={undefined} />}
      <LinksCard />
      <ConsentsCard />
      <PlacesCard />
    </>
  )
}

function Again({ id }: { readonly id: string }) {
  const asked = useApi<Account>(`/v1/accounts/${id}`)
  return <Shown of={asked}>{(account) => <LinkForm platform={account.platform} account={account} />}</Shown>
}

function LinkForm(props: { readonly platform: string | undefined; readonly account: Account | undefined }) {
  const { account } = props
  const [platform, setPlatform] = useState<string>(props.platform ?? 'instagram')
  const [client, setClient] = useState('')
  const [made, setMade] = useState<Made>()
  const { isBusy, error, act } = useAct()
  const about = {
    ...(client.trim() ? { client: client.trim() } : {}),
    ...(account ? { account_id: account.id } : {}),
  }
  // A link that was shown is not taken for the next one.
  const changed = (change: () => void) => {
    setMade(undefined)
    change()
  }
  const makeLink = () =>
    act(async () => setMade(await ask<Made>('POST', '/v1/connect-links', { platform, ...about })))
  const openHere = () =>
    act(async () => {
      const query = new URLSearchParams(about).toString()
      const { url } = await ask<{ url: string }>('GET', `/v1/connect/${platform}${query && `?${query}`}`)
      location.href = url
    })
  return (
    <Card title={account ? nameOf(account) : t('connect.grants')}>
      <p class="quiet">{account ? t('connect.againIs') : t('connect.firstIs')}</p>
      {!account && (
        <Choices
          platform={platform}
          setPlatform={(name) => changed(() => setPlatform(name))}
          client={client}
          setClient={(name) => changed(() => setClient(name))}
        />
      )}
      <div class="actions">
        <button
          type="button"
          class="main"
          disabled={isBusy}
          aria-busy={isBusy}
          onClick={() => void makeLink()}
        >
          {t('connect.makeLink')}
        </button>
        <button type="button" disabled={isBusy} onClick={() => void openHere()}>
          {t('connect.here')}
        </button>
      </div>
      {error && <Failure error={error} />}
      {made && <MadeLink made={made} />}
    </Card>
  )
}

function Choices(props: {
  readonly platform: string
  readonly setPlatform: (platform: string) => void
  readonly client: string
  readonly setClient: (client: string) => void
}) {
  const clients = useApi<List<Client>>('/v1/clients?limit=1000')
  return (
    <div class="actions">
      <label>
        {t('numbers.platform')}{' '}
        <select value={props.platform} onChange={(event) => props.setPlatform(event.currentTarget.value)}>
          {connectable.map((name) => (
            <option key={name} value={name}>
              {titleOf(name)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('numbers.client')}{' '}
        <input
          list="clients"
          value={props.client}
          maxLength={200}
          placeholder={t('connect.noClient')}
          onInput={(event) => props.setClient(event.currentTarget.value)}
        />
      </label>
      <datalist id="clients">
        {clients.data?.items.map(({ id, name }) => (
          <option key={id} value={name} />
        ))}
      </datalist>
    </div>
  )
}

function MadeLink({ made }: { readonly made: Made }) {
  const [isCopied, setCopied] = useState(false)
  const copy = () => void navigator.clipboard.writeText(made.url).then(() => setCopied(true))
  return (
    <div role="status">
      <p>
        {t('connect.until')} <Time at={made.expires_at} />. {t('connect.shownOnce')}
      </p>
      <p>
        <code class="link-made">{made.url}</code>
      </p>
      <button type="button" onClick={copy}>
        {isCopied ? t('connect.copied') : t('connect.copy')}
      </button>
    </div>
  )
}
