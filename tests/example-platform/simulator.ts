import { openSimulator, type SimAnswer, type SimRequest } from '../../local/simulators/server.ts'

export interface PostcardWorld {
  readonly posts: number
  readonly now: () => Date
  readonly callsPerMinute: number
}

export const refuse = (status: number, headers: Record<string, string> = {}): SimAnswer => ({
  status,
  body: { error: 'refused' },
  headers,
})
const pageSize = 10
const newest = Date.UTC(2026, 9, 1)

/** One user, `ann`, with so many cards; it counts the calls of each minute. */
export function openPostcards({ posts, now, callsPerMinute }: PostcardWorld) {
  const user = { id: 'u1', handle: 'ann', name: 'Ann', followers: 7, cards: posts }
  const cards = Array.from({ length: posts }, (_, number) => ({
    id: `c${number}`,
    text: `card ${number}`,
    sent_at: new Date(newest - number * 3_600_000).toISOString(),
    seen: number,
  }))
  const page = (after: string | null): SimAnswer => {
    const from = after === null ? 0 : cards.findIndex(({ id }) => id === after) + 1
    if (after !== null && from === 0) return refuse(409)
    const shown = cards.slice(from, from + pageSize)
    const next = from + pageSize < cards.length ? (shown.at(-1)?.id ?? null) : null
    return { status: 200, body: { cards: shown, next } }
  }
  let [minute, calls] = [0, 0]
  const answer = ({ path, query }: SimRequest): SimAnswer => {
    const thisMinute = Math.floor(now().getTime() / 60_000)
    if (thisMinute !== minute) [minute, calls] = [thisMinute, 0]
    calls += 1
    if (calls > callsPerMinute) return refuse(429, { 'retry-after': '60' })
    if (path === '/users/u1' || path === '/users/ann') return { status: 200, body: user }
    return path === '/users/u1/cards' ? page(query.get('after')) : refuse(404)
  }
  return openSimulator({ answer, named: {} })
}
