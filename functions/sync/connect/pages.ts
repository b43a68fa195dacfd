import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { ConsentEnd } from '#shared/db/tables/consents.ts'
import type { HttpResponse } from '#shared/http/problem.ts'
import type { Platform } from '#shared/model/account.ts'
import type { ConsentScope } from '#shared/platforms/consent.ts'
import { platformOf } from '#shared/platforms/index.ts'
import type { ApiWords } from '../language.ts'
import { html, Markup } from './markup.ts'

type Key = Parameters<ApiWords['t']>[0]

const style = `
:root { color-scheme: light dark; font: 17px/1.5 system-ui, sans-serif; color: light-dark(#1b1f24, #e8eaed); background: light-dark(#f5f6f8, #14171a) }
body { margin: 0; padding: 1rem; display: grid; min-height: calc(100vh - 2rem); place-items: center }
main { max-width: 34rem; padding: 2rem; border-radius: 12px; background: light-dark(#fff, #1e2226); border: 1px solid light-dark(#d5d9df, #3a4046) }
h1 { font-size: 1.4rem; margin: 0 0 1rem; overflow-wrap: anywhere }
p, ul { margin: 0 0 1rem }
button { font: inherit; padding: .7rem 1.4rem; border: 0; border-radius: 8px; color: #fff; background: #1657c2; cursor: pointer }
button:focus-visible { outline: 3px solid light-dark(#1b1f24, #e8eaed); outline-offset: 2px }
code { overflow-wrap: anywhere }
.quiet { color: light-dark(#525a64, #a8b0b9) }
`
const styleHash = () => createHash('sha256').update(style).digest('base64')

/** A page of ours without scripts: nothing of its address goes elsewhere, and no frame holds it. */
function page(
  { language }: ApiWords,
  status: number,
  title: string,
  content: Markup,
  formTo: string = "'none'",
): HttpResponse {
  const policy = [
    ...[
      "default-src 'none'",
      `style-src 'sha256-${styleHash()}'`,
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ],
    `form-action ${formTo}`,
  ].join('; ')
  const { text } = html`<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">
<title>${title}</title><style>${new Markup(style)}</style></head>
<body><main><h1>${title}</h1>${content}</main></body>
</html>
`
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    vary: 'accept-language',
    'cache-control': 'no-store',
    'content-security-policy': policy,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
  }
  return { statusCode: status, headers, body: text }
}

type Scope = Pick<ConsentScope, 'name' | 'gives'>

/** What a right gives to read; of one that has no words here, as its platform's folder says. */
function givenBy({ name, gives }: Scope, { t }: ApiWords): string {
  const key = `rights.${name.replaceAll('.', '_')}` as Key
  const said = t(key)
  return said === key ? gives : said
}

const listed = (scopes: readonly Scope[], words: ApiWords) =>
  html`<ul>${scopes.map((scope) => html`<li>${givenBy(scope, words)}</li>`)}</ul>`

/** What an owner sees who opens a link: who asks, for what, and the way to the platform's window. */
export function askingPage(
  words: ApiWords,
  asking: {
    readonly agency: string
    readonly platform: Platform
    /** Of an account that is to be connected again. */
    readonly handle: string | null
    readonly scopes: readonly ConsentScope[]
    /** Where the platform's window is. */
    readonly windowOrigin: string
  },
): HttpResponse {
  const { t } = words
  const { agency, handle, scopes, windowOrigin } = asking
  const platform = platformOf(asking.platform).title
  const account = handle === null ? t('owners.yours') : t('owners.yoursNamed', { handle })
  const content = html`
    <p>${t('owners.asks', { agency, account, platform })}</p>
    <p>${t('owners.wouldRead')}</p>${listed(scopes, words)}
    <p class="quiet">${t('owners.nothingPosted', { platform })}</p>
    <form method="post"><button type="submit">${t('owners.goOn', { platform })}</button></form>`
  return page(words, 200, t('owners.connect', { platform, agency }), content, `'self' ${windowOrigin}`)
}

const Details = z.object({
  handle: z.string().nullable().catch(null),
  lacking: z.array(z.object({ name: z.string().catch(''), gives: z.string() })).catch([]),
  redirect: z.string().catch(''),
  /** The consent was asked for in our console, not by a link: the page leads back there. */
  is_ours: z.boolean().catch(false),
})

/** How a consent ended, in plain words, with what to do next. */
export function endPage(
  words: ApiWords,
  agency: string,
  name: Platform,
  { outcome, details }: ConsentEnd,
): HttpResponse {
  const { t } = words
  const platform = platformOf(name).title
  const { handle, lacking, redirect, is_ours } = Details.parse(details)
  const back = is_ours ? html`<p><a href="/#/connect">${t('owners.back')}</a></p>` : html``
  const again = is_ours ? t('owners.againHere') : t('owners.againLink', { agency })
  const account = handle === null ? t('owners.accountOf', { platform }) : `@${handle}`
  switch (outcome) {
    case 'connected': {
      const rest =
        lacking.length === 0
          ? html``
          : html`<p>${t('owners.notGranted')}</p>${listed(lacking, words)}<p>${t('owners.anotherLink', { agency })}</p>`
      const content = html`<p>${t('owners.canRead', { agency })}</p>${rest}${back}`
      return page(words, 200, t('owners.isConnected', { account }), content)
    }
    case 'refused': {
      const content = html`<p>${t('owners.youRefused', { platform, again })}</p>${back}`
      return page(words, 200, t('owners.nothingConnected'), content)
    }
    case 'lacking': {
      const content = html`<p>${t('owners.needed')}</p>${listed(lacking, words)}<p>${t('owners.leaveTicked', { again, platform })}</p>${back}`
      return page(words, 200, t('owners.couldNot', { account }), content)
    }
    default: {
      const [what, next] = faults[outcome] ?? (['owners.wrong'] as const)
      const values = { platform, agency, account }
      const address =
        redirect === '' ? html`` : html`<p>${t('owners.toRegister')} <code>${redirect}</code></p>`
      const content = html`<p>${t(what, values)}</p>${address}<p>${next ? t(next, values) : again}</p>${back}`
      return page(words, 200, t('owners.nothingConnected'), content)
    }
  }
}

/** What went wrong, and what to do; without that: try the link again. */
const faults: Readonly<Record<string, readonly [what: Key, next?: Key]>> = {
  expired: ['owners.expired'],
  unfinished: ['owners.unfinished'],
  code: ['owners.code'],
  unavailable: ['owners.unavailable'],
  account: ['owners.account', 'owners.accountNext'],
  other_account: ['owners.other_account', 'owners.other_accountNext'],
  other_client: ['owners.other_client', 'owners.tellAgency'],
  redirect: ['owners.redirect', 'owners.tellAgency'],
  app: ['owners.app', 'owners.tellAgency'],
}

/** A link that opens nothing. */
export const noLinkPage = (words: ApiWords, agency: string, isUsed: boolean): HttpResponse =>
  isUsed
    ? page(words, 410, words.t('owners.linkUsed'), html`<p>${words.t('owners.linkUsedSays')}</p>`)
    : page(words, 404, words.t('owners.linkOver'), html`<p>${words.t('owners.linkOverSays', { agency })}</p>`)

/** How a request to delete an owner's data stands; undefined: there is none of that number. */
export function deletionPage(
  words: ApiWords,
  agency: string,
  standing: 'open' | 'done' | 'none' | undefined,
): HttpResponse {
  const { t } = words
  const state = t(`owners.deletion_${standing ?? 'unknown'}`)
  const content = html`<p>${t('owners.deletionSays', { agency, state })}</p>`
  return page(words, standing === undefined ? 404 : 200, t('owners.deletion'), content)
}

/** Something is not set up, or broke. */
export const troublePage = (words: ApiWords, agency: string, status: number): HttpResponse =>
  page(words, status, words.t('owners.trouble'), html`<p>${words.t('owners.troubleSays', { agency })}</p>`)
