import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { ConsentEnd } from '#shared/db/tables/consents.ts'
import type { HttpResponse } from '#shared/http/problem.ts'
import type { Platform } from '#shared/model/account.ts'
import type { ConsentScope } from '#shared/platforms/consent.ts'
import { platformOf } from '#shared/platforms/index.ts'

/** Text within markup that is not made of it. */
class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

const signs: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string) => text.replaceAll(/[&<>"']/g, (sign) => signs[sign] ?? sign)

/** Markup, in which values are text. */
function html(parts: TemplateStringsArray, ...values: (string | Markup | readonly Markup[])[]): Markup {
  const shown = values.map((value) =>
    typeof value === 'string'
      ? escaped(value)
      : [value]
          .flat()
          .map(({ text }) => text)
          .join(''),
  )
  return new Markup(String.raw({ raw: parts }, ...shown))
}

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
function page(status: number, title: string, content: Markup, formTo: string): HttpResponse {
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
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">
<title>${title}</title><style>${new Markup(style)}</style></head>
<body><main><h1>${title}</h1>${content}</main></body>
</html>
`
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': policy,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
  }
  return { statusCode: status, headers, body: text }
}

const listed = (scopes: readonly Pick<ConsentScope, 'gives'>[]) =>
  html`<ul>${scopes.map(({ gives }) => html`<li>${gives}</li>`)}</ul>`

/** What an owner sees who opens a link: who asks, for what, and the way to the platform's window. */
export function askingPage(asking: {
  readonly agency: string
  readonly platform: Platform
  /** Of an account that is to be connected again. */
  readonly handle: string | null
  readonly scopes: readonly ConsentScope[]
  /** Where the platform's window is. */
  readonly windowOrigin: string
}): HttpResponse {
  const { agency, platform, handle, scopes, windowOrigin } = asking
  const { title } = platformOf(platform)
  const account = handle === null ? 'your account' : `your account @${handle}`
  const content = html`
    <p>${agency} asks to read ${account} on ${title}. You will be asked on a page of ${title} itself, and can refuse there. Your password is not seen here.</p>
    <p>What would be read:</p>${listed(scopes)}
    <p class="quiet">Nothing is posted or changed. You can take this back at any time, in the settings of ${title} under apps.</p>
    <form method="post"><button type="submit">Continue to ${title}</button></form>`
  return page(200, `Connect ${title} with ${agency}`, content, `'self' ${windowOrigin}`)
}

const Details = z.object({
  handle: z.string().nullable().catch(null),
  lacking: z.array(z.object({ gives: z.string() })).catch([]),
  redirect: z.string().catch(''),
  /** The consent was asked for in our console, not by a link: the page leads back there. */
  is_ours: z.boolean().catch(false),
})

const none = "'none'"

/** How a consent ended, in plain words, with what to do next. */
export function endPage(agency: string, platform: Platform, { outcome, details }: ConsentEnd): HttpResponse {
  const { title } = platformOf(platform)
  const { handle, lacking, redirect, is_ours } = Details.parse(details)
  const back = is_ours ? html`<p><a href="/#/connect">Back to the console</a></p>` : html``
  const again = is_ours
    ? 'To try again, begin once more in the console.'
    : `To try again, open the link of ${agency} once more.`
  const account = handle === null ? `Your ${title} account` : `@${handle}`
  switch (outcome) {
    case 'connected': {
      const rest =
        lacking.length === 0
          ? html``
          : html`<p>You did not grant these, so they stay empty:</p>${listed(lacking)}<p>To add them, ask ${agency} for another link.</p>`
      const content = html`<p>${agency} can read it from now on. You can close this page.</p>${rest}${back}`
      return page(200, `${account} is connected`, content, none)
    }
    case 'refused':
      return page(
        200,
        'Nothing was connected',
        html`<p>You did not grant access on ${title}. ${again}</p>${back}`,
        none,
      )
    case 'lacking': {
      const content = html`<p>These are needed, and were not granted:</p>${listed(lacking)}<p>${again} Leave all of them ticked on the page of ${title}.</p>${back}`
      return page(200, `${account} could not be connected`, content, none)
    }
    default: {
      const [what, next] = faultWords(title, agency, account)[outcome] ?? unknown
      const address =
        redirect === '' ? html`` : html`<p>The address to register is <code>${redirect}</code></p>`
      return page(
        200,
        'Nothing was connected',
        html`<p>${what}</p>${address}<p>${next || again}</p>${back}`,
        none,
      )
    }
  }
}

const unknown = ['Something went wrong on the way.', ''] as const

/** What went wrong, and what to do; empty: try the link again. */
const faultWords = (
  title: string,
  agency: string,
  account: string,
): Readonly<Record<string, readonly [string, string]>> => ({
  expired: ['This page was open for too long, or was opened before.', ''],
  unfinished: ['The connection was not finished.', ''],
  code: [`${title} did not accept the answer any more: it works once, and for a short time.`, ''],
  unavailable: [`${title} did not answer.`, ''],
  account: [
    `This is a personal account, which ${title} lets no app read.`,
    'Change it to a professional account in its settings, which costs nothing, and open the link again.',
  ],
  other_account: [
    `You chose ${account}, and another account was to be connected again.`,
    `Sign in to ${title} with that account, and open the link once more.`,
  ],
  other_client: [`${account} is connected here already in another place.`, `Please tell ${agency}.`],
  redirect: [`${title} does not know the address that it sends you back to.`, `Please tell ${agency}.`],
  app: [`${title} does not accept the app of ${agency}.`, `Please tell ${agency}.`],
})

/** A link that opens nothing. */
export const noLinkPage = (agency: string, isUsed: boolean): HttpResponse =>
  isUsed
    ? page(410, 'This link was used', html`<p>The account is connected. You can close this page.</p>`, none)
    : page(
        404,
        'This link opens nothing any more',
        html`<p>Its time is over, or it is not complete. Please ask ${agency} for a new one.</p>`,
        none,
      )

const deletions = {
  open: 'Your request was received, and is being carried out.',
  done: 'All data of your account was deleted.',
  none: 'No account of yours was found here. If you think that there is one, please write to us.',
}

/** How a request to delete an owner's data stands; undefined: there is none of that number. */
export const deletionPage = (agency: string, state: keyof typeof deletions | undefined): HttpResponse => {
  const says = state === undefined ? 'There is no request under this number.' : deletions[state]
  return page(state === undefined ? 404 : 200, 'Deletion of your data', html`<p>${agency}: ${says}</p>`, none)
}

/** Something is not set up, or broke. */
export const troublePage = (agency: string, status: number): HttpResponse =>
  page(
    status,
    'This does not work at the moment',
    html`<p>Please try again later, or tell ${agency}.</p>`,
    none,
  )
