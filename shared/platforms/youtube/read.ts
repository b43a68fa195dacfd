import { TerminalError } from '../../errors.ts'
import type { PageRecords, ReadRecord } from '../platform.ts'
import { readAnswer, readItem } from '../read-items.ts'
import { postFromItem, postFromVideo, profileFrom, statsFrom } from './records.ts'
import {
  Channel,
  Envelope,
  listKinds,
  PlaylistItem,
  Video,
  VideoStats,
  videoEnumerations,
} from './resources.ts'

/** A stored answer as records. Throws a TerminalError when the answer as a whole cannot be read. */
export function read(endpoint: string, body: string): PageRecords {
  const { items, kind } = readAnswer(Envelope, body)
  if (kind !== (listKinds[endpoint] ?? kind))
    throw new TerminalError(`the answer is no ${listKinds[endpoint]}`, { reason: 'unreadable' })
  const none = { profiles: [], posts: [], accountMissing: false }
  if (endpoint === 'channels') {
    const profiles = items.map((item, index) => readItem(Channel, item, ['items', index], profileFrom))
    return { ...none, profiles, accountMissing: items.length === 0 }
  }
  if (endpoint === 'playlistItems') {
    return {
      ...none,
      posts: items
        .map((item, index) => readItem(PlaylistItem, item, ['items', index], postFromItem))
        .flatMap((read, index) => present(read, items[index], index)),
    }
  }
  if (endpoint === 'videos')
    return {
      ...none,
      posts: items.map((item, index) =>
        readItem(Video, item, ['items', index], postFromVideo, videoEnumerations),
      ),
    }
  if (endpoint === 'stats')
    return {
      ...none,
      posts: items.map((item, index) => readItem(VideoStats, item, ['items', index], statsFrom)),
    }
  throw new TerminalError(`no such endpoint: ${endpoint}`, { reason: 'bug' })
}

/**
 * Entries of deleted or private videos are no records: they carry nothing but a placeholder title. One whose time is there
 * and cannot be read is a record, and refused.
 */
function present<T>(read: ReadRecord<T | null>, raw: unknown, index: number): ReadRecord<T>[] {
  if (!read.ok) return [read]
  const { record, issues } = read
  if (record !== null) return [{ ok: true, record, issues }]
  const [first] = issues
  if (!first) return []
  const faults = issues.map(({ field, message, code }) => ({ path: field, message, code }))
  return [{ ok: false, path: `items.${index}.${first.field}`, cause: first.code, issues: faults, raw }]
}
