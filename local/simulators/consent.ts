import { randomBytes } from 'node:crypto'
import type { SimAnswer, SimRequest } from './server.ts'

/** A right that the window offers, each with a box to untick. */
interface Right {
  readonly name: string
  readonly isFixed?: boolean
}

export interface ConsentOptions {
  readonly title: string
  readonly now: () => Date
  readonly codeLifeS: number
  readonly rights: readonly Right[]
  /** Accounts that may be signed in in the browser. */
  readonly owners: () => readonly { readonly id: string; readonly name: string }[]
  /** Whether somebody with a personal account may come, to whom the window says that it cannot be connected. */
  readonly hasPersonal: boolean
}

/** What a code stands for. */
interface Redeemed {
  readonly id: string
  readonly scopes: readonly string[]
}

interface Issued extends Redeemed {
  readonly redirect: string
  readonly challenge: string | null
  readonly until: number
}

export type CodeFault = 'code' | 'redirect' | 'verifier'

/**
 * The window in which an owner grants access, and the codes it gives out: once, for a time, bound to the address and the challenge.
 * Only registered addresses are sent back to, to the letter. Facts: Consent.
 */
export function openConsents(options: ConsentOptions) {
  const { title, now, codeLifeS, rights } = options
  const registered = new Set<string>()
  const codes = new Map<string, Issued>()

  const submit = (asked: URLSearchParams, form: URLSearchParams): SimAnswer => {
    const back = new URL(asked.get('redirect_uri') ?? '')
    const state = asked.get('state')
    if (state !== null) back.searchParams.set('state', state)
    const id = form.get('owner') ?? ''
    if (id === 'personal') return html(`<p>Personal accounts cannot be connected. Nothing was sent back.</p>`)
    if (form.get('answer') !== 'allow') {
      back.searchParams.set('error', 'access_denied')
      back.searchParams.set('error_reason', 'user_denied')
      back.searchParams.set('error_description', 'The user denied your request.')
      return sendTo(back)
    }
    const scopes = rights.flatMap(({ name, isFixed }) => (isFixed || form.has(name) ? [name] : []))
    // Codes hold signs that an address must encode.
    const code = `${randomBytes(18).toString('base64url')}*1!${codes.size}`
    const until = now().getTime() + codeLifeS * 1_000
    const challenge = asked.get('code_challenge')
    codes.set(code, { id, scopes, redirect: asked.get('redirect_uri') ?? '', challenge, until })
    back.searchParams.set('code', code)
    back.searchParams.set('scopes', scopes.join(','))
    return sendTo(back, '#_')
  }

  return {
    register: (redirect: string) => void registered.add(redirect),
    window: (request: SimRequest): SimAnswer => {
      const redirect = request.query.get('redirect_uri') ?? ''
      if (!registered.has(redirect))
        return html(`<p>Redirect URI does not match registered redirect URI.</p>`, 400)
      if (request.method === 'POST') return submit(request.query, new URLSearchParams(request.body))
      return html(formOf(options, request.query.get('scope')?.split(',') ?? []))
    },
    /** @param isRight whether the verifier fits the challenge that the window was opened with */
    redeem: (
      code: string,
      redirect: string,
      isRight: (challenge: string | null) => boolean,
    ): Redeemed | CodeFault => {
      const issued = codes.get(code)
      if (!issued || issued.until <= now().getTime()) return 'code'
      if (issued.redirect !== redirect) return 'redirect'
      if (!isRight(issued.challenge)) return 'verifier'
      codes.delete(code)
      return issued
    },
    title,
  }
}

export type Consents = ReturnType<typeof openConsents>

const sendTo = (to: URL, fragment = ''): SimAnswer => ({
  status: 302,
  body: '',
  headers: { location: `${to.href}${fragment}` },
})

const html = (content: string, status = 200): SimAnswer => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Simulated window</title><style>:root{color-scheme:light dark;font:16px/1.5 system-ui}body{max-width:30rem;margin:2rem auto;padding:0 1rem}
label{display:block;margin:.5rem 0}button{font:inherit;padding:.5rem 1rem;margin-right:.5rem}</style></head><body>${content}</body></html>`,
})

const plain = (text: string) => text.replaceAll(/[^\p{L}\p{N} ._@-]/gu, '')

function formOf({ title, owners, hasPersonal, rights }: ConsentOptions, asked: readonly string[]): string {
  const people = owners().map(({ id, name }) => `<option value="${plain(id)}">${plain(name)}</option>`)
  const personal = hasPersonal ? '<option value="personal">somebody with a personal account</option>' : ''
  const boxes = rights
    .filter(({ name }) => asked.includes(name))
    .map(
      ({ name, isFixed }) =>
        `<label><input type="checkbox" name="${name}" checked${isFixed ? ' disabled' : ''}> ${name}</label>`,
    )
  return `<h1>${title} (simulated)</h1><p>An app asks for access to an account.</p>
<form method="post"><label>Signed in as <select name="owner">${people.join('')}${personal}</select></label>${boxes.join('')}
<button name="answer" value="allow">Allow</button><button name="answer" value="refuse">Refuse</button></form>`
}
