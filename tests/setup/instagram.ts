import { createHash } from 'node:crypto'
import type { Observation } from '../../local/world/world.ts'

const october = new Date('2026-10-01T00:00:00Z')

export interface Person {
  readonly username: string
  readonly posts: number
  /** Posts as the profile counts them; those it has when absent. */
  readonly media_count?: number
}

const numberOf = (text: string) => createHash('sha1').update(text).digest().readUIntBE(0, 6)
export const idOf = (username: string) => `17841${numberOf(username)}`
const mediaIdOf = (username: string, number: number) =>
  `179${numberOf(username)}${String(number).padStart(6, '0')}`

/** Professional accounts with so many posts each, an hour apart, the newest first. */
export function people(all: readonly Person[], newest = october): Observation[] {
  return all.flatMap(({ username, posts, media_count = posts }): Observation[] => {
    const line = { platform: 'instagram' as const, account: username, at: '2026-01-01T00:00:00.000Z' }
    const id = idOf(username)
    const user = { id, username, name: username, followers_count: 100, follows_count: 1, media_count }
    const media = Array.from({ length: posts }, (_, number): Observation => {
      const resource = {
        id: mediaIdOf(username, number),
        caption: `post ${number} with @other.brand`,
        media_type: 'IMAGE',
        media_product_type: 'FEED',
        media_url: `https://scontent.cdninstagram.com/v/${username}-${number}.jpg?oh=1&oe=6576D61D`,
        permalink: `https://www.instagram.com/p/${username}${number}/`,
        timestamp: new Date(newest.getTime() - number * 3_600_000).toISOString().replace(/\.\d+Z/, '+0000'),
        username,
        like_count: number,
        comments_count: 1,
        view_count: 10 * number,
      }
      return { ...line, kind: 'post', id: resource.id, resource }
    })
    return [{ ...line, kind: 'profile', id, resource: user }, ...media]
  })
}
