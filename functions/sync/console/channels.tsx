import { useState } from 'preact/hooks'
import { languageNames, languages } from '#shared/language/accepted.ts'
import { ask } from './api.ts'
import { language, t, translated } from './language.ts'
import { Act, Card, Empty, Failure, Shown, Time } from './parts.tsx'
import type { Alert, Channel, MadeChannel } from './types.ts'
import { useAct } from './use-act.ts'
import { useApi } from './use-api.ts'

const kinds = ['telegram', 'email', 'webhook'] as const
/** Every cause there is, in the order of the form. */
const causes = Object.keys({
  ...{ token_refused: true, token_ending: true, app_refused: true, account_late: true },
  ...{ parked: true, quota_used_up: true, ml_backlog: true, checks_failed: true },
} satisfies Record<Alert['cause'], true>) as Alert['cause'][]

/** Channels that get alerts: with a test of each, and a form for one more. */
export function ChannelsCard() {
  const asked = useApi<{ items: Channel[] }>('/v1/alert-channels', 30_000)
  const [message, setMessage] = useState('')
  if (asked.error?.status === 403)
    return (
      <Card title={t('channels.channels')}>
        <Empty>{t('channels.onlyAdmins')}</Empty>
      </Card>
    )
  return (
    <Card title={t('channels.channels')}>
      <Shown of={asked}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>{t('channels.none')}</Empty>
          ) : (
            <ul class="plain">
              {items.map((channel) => (
                <One key={channel.id} channel={channel} again={asked.again} say={setMessage} />
              ))}
            </ul>
          )
        }
      </Shown>
      <p role="status">{message}</p>
      <NewChannel done={asked.again} />
    </Card>
  )
}

interface Tested {
  readonly sent: boolean
  readonly error: string | null
}

const One = (props: {
  readonly channel: Channel
  readonly again: () => void
  readonly say: (text: string) => void
}) => {
  const { channel, again, say } = props
  const { id, name, kind, target, causes, last_sent_at, last_error } = channel
  return (
    <li>
      <strong>{name}</strong>, {t(`channels.${kind}`)}: <code class="link-made">{target}</code>
      <div class="quiet">
        {t('channels.causes')}:{' '}
        {causes?.map((cause) => t(`alerts.${cause}`)).join(', ') ?? t('channels.allCauses')};{' '}
        {t('channels.lastSent')}: <Time at={last_sent_at} />
      </div>
      {last_error && <div class="warning">{translated(last_error)}</div>}
      <div class="actions">
        <Act
          method="POST"
          path="/v1/alerts/test"
          body={{ channel_id: id }}
          onDone={({ sent, error }: Tested) =>
            say(
              sent
                ? t('channels.taken', { name })
                : t('channels.notTaken', { name, error: translated(error ?? '') }),
            )
          }
        >
          {t('channels.test')}
        </Act>
        <Act
          method="DELETE"
          path={`/v1/alert-channels/${id}`}
          confirm={t('channels.removeAsk', { name })}
          onDone={again}
        >
          {t('channels.remove')}
        </Act>
      </div>
    </li>
  )
}

function NewChannel({ done }: { readonly done: () => void }) {
  const [made, setMade] = useState<MadeChannel>()
  const { isBusy, error, act } = useAct()
  const submitted = (event: SubmitEvent) => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const given = new FormData(form)
    const only = given.getAll('causes')
    const body = { ...Object.fromEntries(given), causes: only.length > 0 ? only : undefined }
    void act(async () => {
      setMade(await ask<MadeChannel>('POST', '/v1/alert-channels', body))
      form.reset()
      done()
    })
  }
  return (
    <form onSubmit={submitted}>
      <fieldset disabled={isBusy}>
        <label>
          {t('channels.name')}
          <input name="name" required maxLength={100} autocomplete="off" />
        </label>
        <label>
          {t('channels.kind')}
          <select name="kind">
            {kinds.map((kind) => (
              <option key={kind} value={kind}>
                {t(`channels.${kind}`)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t('channels.target')}
          <input name="target" required maxLength={2_000} autocomplete="off" spellcheck={false} />
        </label>
        <label>
          {t('channels.languageOf')}
          <select name="language">
            {languages.map((one) => (
              <option key={one} value={one} lang={one} selected={one === language}>
                {languageNames[one]}
              </option>
            ))}
          </select>
        </label>
        <fieldset class="choices">
          <legend>{t('channels.onlyThese')}</legend>
          {causes.map((cause) => (
            <label key={cause}>
              <input type="checkbox" name="causes" value={cause} /> {t(`alerts.${cause}`)}
            </label>
          ))}
        </fieldset>
        <div class="actions">
          <button type="submit" class="main" disabled={isBusy} aria-busy={isBusy}>
            {t('channels.add')}
          </button>
        </div>
      </fieldset>
      {error && <Failure error={error} />}
      {made?.secret && (
        <div role="status">
          <p>{t('channels.secret')}</p>
          <code class="link-made">{made.secret}</code>
        </div>
      )}
    </form>
  )
}
