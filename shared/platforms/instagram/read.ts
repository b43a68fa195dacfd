import * as z from 'zod'
import { TerminalError } from '../../errors.ts'
import type { PageRecords, ReadRecord } from '../platform.ts'
import { readAnswer, readItem } from '../read-items.ts'
import { postFrom, profileFrom } from './records.ts'
import { Discovery, Media, MediaEdge, mediaEnumerations, User } from './resources.ts'

/** A stored answer as records. Throws a TerminalError when the answer as a whole cannot be read. */
export function read(endpoint: string, body: string): PageRecords {
  const none = { profiles: [], posts: [], accountMissing: false }
  if (endpoint === 'user') {
    return { ...none, profiles: [readItem(User, readAnswer(z.unknown(), body), [], profileFrom)] }
  }
  if (endpoint === 'media') return { ...none, posts: posts(readAnswer(MediaEdge, body), ['data']) }
  if (endpoint === 'discovery' || endpoint === 'discovery.media') {
    const { business_discovery: found } = readAnswer(Discovery, body)
    const place = ['business_discovery']
    return {
      ...none,
      // Pages after the first carry no profile, only the id it belongs to.
      profiles: endpoint === 'discovery' ? [readItem(User, found, place, profileFrom)] : [],
      posts: found.media ? posts(found.media, [...place, 'media', 'data']) : [],
    }
  }
  throw new TerminalError(`no such endpoint: ${endpoint}`, { reason: 'bug' })
}

const posts = ({ data }: MediaEdge, place: readonly string[]): ReadRecord<ReturnType<typeof postFrom>>[] =>
  data.map((item, index) => readItem(Media, item, [...place, index], postFrom, mediaEnumerations))
