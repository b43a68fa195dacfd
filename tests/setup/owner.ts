/** What an owner does in a browser at the window of a simulated platform. */
export interface Consenting {
  /** Who is signed in there. */
  readonly owner: string
  readonly answer?: 'allow' | 'refuse'
  /** Rights that are left ticked; absent: all. */
  readonly rights?: readonly string[]
}

const all = [
  ...['instagram_business_basic', 'instagram_business_manage_insights'],
  ...['user.info.profile', 'user.info.stats', 'video.list'],
]

export interface Shown {
  readonly status: number
  readonly text: string
  /** Where it came from. */
  readonly url: string
  readonly headers: Headers
}

async function shown(answer: Response): Promise<Shown> {
  return { status: answer.status, text: await answer.text(), url: answer.url, headers: answer.headers }
}

/** Opens a link and goes on to the platform's window; its address. */
export async function continueTo(link: string): Promise<string> {
  const answer = await fetch(link, { method: 'POST', redirect: 'manual' })
  return answer.headers.get('location') ?? `status ${answer.status}`
}

/** Answers in a platform's window; the address that it sends the owner back to, or what it shows. */
export async function answerIn(window: string, { owner, answer = 'allow', rights = all }: Consenting) {
  const form = new URLSearchParams({
    owner,
    answer,
    ...Object.fromEntries(rights.map((name) => [name, 'on'])),
  })
  const sent = await fetch(window, { method: 'POST', body: form, redirect: 'manual' })
  return { back: sent.headers.get('location'), ...(await shown(sent)) }
}

/** The whole way: from the window back to the page that says how it ended. */
export async function consentAt(window: string, consenting: Consenting): Promise<Shown> {
  const { back, ...there } = await answerIn(window, consenting)
  // The part behind `#` stays in the browser.
  return back === null ? there : shown(await fetch(back.split('#')[0] ?? ''))
}
