import { createHash } from 'node:crypto'
import { fraction } from '../../world/random.ts'
import type { SeenPost } from '../../world/world.ts'

/** The real list ends here (YouTube Data API, as recorded). */
const cap = 20_000

const publishedAt = (post: SeenPost) => {
  const { snippet } = post.resource as { snippet: { publishedAt: string } }
  return Date.parse(snippet.publishedAt)
}

/** Newest first, nearly: one in a hundred stands a place too early. */
export function uploadsOf(posts: readonly SeenPost[]): SeenPost[] {
  const sorted = posts
    .toSorted((a, b) => publishedAt(b) - publishedAt(a) || a.id.localeCompare(b.id))
    .slice(0, cap)
  for (let index = 1; index < sorted.length; index += 1) {
    const [before, here] = [sorted[index - 1], sorted[index]]
    if (before && here && fraction(`disorder ${here.id}`) < 0.01)
      [sorted[index - 1], sorted[index]] = [here, before]
  }
  return sorted
}

/** A page token is tied to the state of the list: when that changes, the token is refused. */
export const tokens = {
  make: (list: readonly SeenPost[], offset: number) =>
    Buffer.from(`${stateOf(list)}.${offset}`).toString('base64url'),
  /** The offset; undefined for a token of another state, or an unknown one. */
  read: (list: readonly SeenPost[], token: string): number | undefined => {
    const [state, offset] = Buffer.from(token, 'base64url').toString('utf8').split('.')
    return state === stateOf(list) && offset !== undefined ? Number(offset) : undefined
  },
}

function stateOf(list: readonly SeenPost[]): string {
  return createHash('sha256')
    .update(list.map((post) => post.id).join())
    .digest('base64url')
    .slice(0, 10)
}

/** The entry of a playlist for a video. */
export function playlistItem(post: SeenPost, playlistId: string, position: number): Record<string, unknown> {
  const { snippet, status } = post.resource as {
    snippet: Record<string, unknown>
    status?: { privacyStatus?: string }
  }
  return {
    kind: 'youtube#playlistItem',
    id: Buffer.from(`${playlistId}.${post.id}`).toString('base64url'),
    snippet: {
      publishedAt: snippet['publishedAt'],
      channelId: post.account,
      title: snippet['title'],
      description: snippet['description'],
      thumbnails: snippet['thumbnails'],
      channelTitle: snippet['channelTitle'],
      playlistId,
      position,
      resourceId: { kind: 'youtube#video', videoId: post.id },
    },
    contentDetails: { videoId: post.id, videoPublishedAt: snippet['publishedAt'] },
    status: { privacyStatus: status?.privacyStatus ?? 'public' },
  }
}
