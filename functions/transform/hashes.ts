import { hash as sha256 } from 'node:crypto'
import type { PostRecord } from '#shared/model/post.ts'

/** Hashes of the groups of fields in an answer. undefined: the answer has no such group. */
export interface Hashes {
  readonly listing: string | undefined
  readonly detail: string | undefined
}

export function hashesOf(record: PostRecord): Hashes {
  if (record.group === 'stats') return { listing: undefined, detail: undefined }
  const listing = hash(record.listing)
  if (record.group === 'listing') return { listing, detail: undefined }
  const media = record.media.map(({ url, url_expires_at, ...medium }) => medium)
  return { listing, detail: hash([listing, record.detail, media]) }
}

/** Equal means equal content; the first 128 bits of SHA-256 are plenty for that. */
export function hash(value: unknown): string {
  return sha256('sha256', JSON.stringify(value), 'base64url').slice(0, 22)
}
