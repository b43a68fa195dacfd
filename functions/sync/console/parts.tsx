import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { ask, type Refusal } from './api.ts'
import { locale, named, t } from './language.ts'
import { count } from './measures.tsx'
import { platforms } from './platforms.ts'
import { useAct } from './use-act.ts'
import type { Loaded } from './use-api.ts'

/** What can be said of something that is asked for: its content, that it is on its way, or why it is not there. */
export function Shown<Answer>(props: {
  readonly of: Loaded<Answer>
  readonly children: (data: Answer) => ComponentChildren
}) {
  const { data, error, again } = props.of
  return (
    <>
      {error && <Failure error={error} again={again} />}
      {data === undefined ? !error && <p class="quiet">{t('shell.loading')}</p> : props.children(data)}
    </>
  )
}

export function Failure({ error, again }: { readonly error: Refusal; readonly again?: () => void }) {
  return (
    <div class="failure" role="alert">
      <strong>{error.message}</strong>
      {error.fields.map(({ field, message }) => (
        <div key={field}>
          {field}: {message}
        </div>
      ))}
      {again && (
        <button type="button" onClick={again}>
          {t('shell.again')}
        </button>
      )}
    </div>
  )
}

/** The title of a page, also on its tab. */
export function Heading({
  text,
  aside,
}: {
  readonly text: string
  readonly aside?: string | null | undefined
}) {
  useEffect(() => {
    document.title = `${text} - social-sync`
  }, [text])
  return (
    <h1 tabIndex={-1}>
      {text} {aside && <span class="quiet">{aside}</span>}
    </h1>
  )
}

export const Empty = ({ children }: { readonly children: ComponentChildren }) => (
  <p class="empty">{children}</p>
)

export function Card(props: {
  readonly title: string
  readonly aside?: ComponentChildren
  readonly children: ComponentChildren
}) {
  return (
    <section class="card" aria-label={props.title}>
      <header>
        <h2>{props.title}</h2>
        {props.aside}
      </header>
      {props.children}
    </section>
  )
}

const tones: Readonly<Record<string, string>> = {
  ...{ active: 'good', done: 'good', fresh: 'good', followed: 'good', connected: 'good', ok: 'good' },
  ...{ running: 'busy', extracting: 'busy', transforming: 'busy', enriching: 'busy', queued: 'busy' },
  ...{ waiting: 'warn', incomplete: 'warn', late: 'warn', paused: 'warn', missing: 'warn' },
  ...{
    failed: 'bad',
    parked: 'bad',
    reauth_required: 'bad',
    unsupported: 'bad',
    closed: 'bad',
    suspended: 'bad',
    refused: 'bad',
    revoked: 'bad',
  },
}

/** A state in a word, and in a colour for those who see one. */
export const State = ({ of }: { readonly of: string }) => (
  <span class={`state ${tones[of] ?? 'plain'}`}>{named('states', of.replaceAll(' ', '_'))}</span>
)

/** A time as the reader writes it, in their own zone. */
export const timeText = (at: string) =>
  new Date(at).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' })

/** A time in the reader's own zone; in UTC when pointed at. */
export function Time({ at }: { readonly at: string | null }) {
  if (at === null) return <span class="quiet">{t('shell.never')}</span>
  const text = timeText(at)
  return (
    <time dateTime={at} title={`${at.slice(0, 16).replace('T', ' ')} UTC`}>
      {text}
    </time>
  )
}

const instant = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)/

/** A sentence of the API, its times in the reader's own zone. */
export function Says({ text }: { readonly text: string }) {
  if (text === '') return null
  return (
    <span>
      {text
        .split(instant)
        .map((part, index) => (instant.test(part) ? <Time key={`${index} ${part}`} at={part} /> : part))}
    </span>
  )
}

export const PlatformOptions = () => (
  <>
    {platforms.map(({ name, title }) => (
      <option key={name} value={name}>
        {title}
      </option>
    ))}
  </>
)

/** A share as a bar with its words. */
export function Meter(props: {
  readonly label: string
  readonly value: number
  readonly most: number
  readonly note?: string
}) {
  const { label, value, most, note } = props
  return (
    <div class="meter">
      <span>{label}</span>
      <progress max={Math.max(1, most)} value={Math.min(value, most)} aria-label={label} />
      <span class="quiet">{note ?? t('work.ofMost', { value: count(value), most: count(most) })}</span>
    </div>
  )
}

/** A button that changes something: busy while it does, and what was refused beside it. */
export function Act(props: {
  readonly method: string
  readonly path: string
  readonly body?: object
  readonly kind?: 'main' | 'plain'
  readonly confirm?: string
  readonly children: ComponentChildren
  readonly onDone: (answer: never) => void
}) {
  const { isBusy, error, act } = useAct()
  const clicked = () => {
    if (props.confirm && !globalThis.confirm(props.confirm)) return
    void act(async () => props.onDone(await ask<never>(props.method, props.path, props.body)))
  }
  return (
    <>
      <button
        type="button"
        class={props.kind ?? 'plain'}
        disabled={isBusy}
        aria-busy={isBusy}
        onClick={clicked}
      >
        {props.children}
      </button>
      {error && <Failure error={error} />}
    </>
  )
}
