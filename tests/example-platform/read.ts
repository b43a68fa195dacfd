import * as z from 'zod'
import { TerminalError } from '#shared/errors.ts'
import type { PostRecord } from '#shared/model/post.ts'
import type { ProfileRecord } from '#shared/model/profile.ts'
import type { PageRecords } from '#shared/platforms/platform.ts'
import { readAnswer, readItem } from '#shared/platforms/read-items.ts'
import { type Card, CardList, Card as CardShape, type User, User as UserShape } from './resources.ts'

/** A stored answer as records. Throws a TerminalError when the answer as a whole cannot be read. */
export function read(endpoint: string, body: string): PageRecords {
  const none = { profiles: [], posts: [], accountMissing: false }
  if (endpoint === 'user')
    return { ...none, profiles: [readItem(UserShape, readAnswer(z.unknown(), body), [], profileFrom)] }
  if (endpoint === 'cards') {
    const { cards } = readAnswer(CardList, body)
    return {
      ...none,
      posts: cards.map((card, index) => readItem(CardShape, card, ['cards', index], postFrom)),
    }
  }
  throw new TerminalError(`no such endpoint: ${endpoint}`, { reason: 'bug' })
}

const profileFrom = (user: User): ProfileRecord => ({
  native_id: user.id,
  handle: user.handle || null,
  display_name: user.name || null,
  ...{ bio: null, avatar_url: null, avatar_expires_at: null, website: null, country: null },
  ...{ is_verified: null, uploads_ref: null, native_created_at: null },
  metrics: {
    followers: user.followers ?? null,
    following: null,
    posts: user.cards ?? null,
    views: null,
    likes: null,
  },
})

const postFrom = (card: Card): PostRecord => ({
  group: 'detail',
  native_id: card.id,
  listing: { title: null, body: card.text || null, permalink: null, published_at: card.sent_at },
  detail: {
    ...{ class: 'image', class_source: 'api', live_state: null, lang: null, duration_ms: null, tags: null },
    ...{ visibility: 'public', is_paid_partnership: null, is_ai_generated: null, made_for_kids: null },
  },
  media: [],
  hashtags: [],
  mentions: [],
  metrics: {
    views: card.seen ?? null,
    likes: card.hearts ?? null,
    comments: null,
    shares: null,
    saves: null,
  },
})
