import { commentOf } from '../pictures/comment.ts'
import { wordsIn } from '../pictures/draw.ts'
import type { Job } from './job.ts'

/** What became of fetching the pictures of a job. */
export interface Fetched {
  readonly isWell: boolean
  /** The words that stand in each picture, by its place. */
  readonly words: readonly (string | null)[]
}

/** Of a job without pictures, or of a provider that fetches none. */
export const nothingToFetch: Fetched = { isWell: true, words: [] }

interface Picture {
  readonly status: number
  readonly words: string | null
  /** Milliseconds of the world; a server asked to come again then. */
  readonly retryAt: number
}

/**
 * Fetches pictures when the turn of their jobs has come, as a provider does: redirects are followed, and a server that asks to come
 * again later is asked again then. Of a picture only the headers are asked for: nothing looks at it here.
 */
export function openFetching(now: () => Date) {
  const pictures = new Map<string, Picture | 'loading'>()
  const load = async (path: string, url: string): Promise<void> => {
    const { answer, words } = await look(url)
    const waitS = Number(answer.headers.get('retry-after') ?? 0)
    pictures.set(path, { status: answer.status, words, retryAt: now().getTime() + waitS * 1_000 })
  }
  /** undefined: it is under way, or waits. */
  const pictureAt = (url: string): Picture | undefined => {
    const path = url.split('?')[0] ?? url
    const known = pictures.get(path)
    if (known === 'loading') return undefined
    if (known && known.status !== 503) return known
    if (known && known.retryAt > now().getTime()) return undefined
    pictures.set(path, 'loading')
    void load(path, url).catch(() => pictures.delete(path))
    return undefined
  }
  return {
    /** undefined: it is under way, or waits. */
    of: ({ input }: Job): Fetched | undefined => {
      const found = (input.media ?? []).map(({ url }) => pictureAt(url))
      const there = found.flatMap((one) => one ?? [])
      if (there.length < found.length) return undefined
      return { isWell: there.every(({ status }) => status === 200), words: there.map(({ words }) => words) }
    },
  }
}

/** Our own address knows GET alone, and where it leads to the headers do; a copy is fetched whole, and says what was drawn. */
async function look(url: string): Promise<{ readonly answer: Response; readonly words: string | null }> {
  const first = await fetch(url, { redirect: 'manual' })
  const bytes = Buffer.from(await first.arrayBuffer())
  const location = first.headers.get('location')
  if (!location) return { answer: first, words: commentOf(bytes) }
  const answer = await fetch(location, { method: 'HEAD' })
  return { answer, words: wordsIn(new URL(answer.url || location).pathname.slice(1)) }
}
