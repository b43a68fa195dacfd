import { createHmac, timingSafeEqual } from 'node:crypto'

/** Where pictures are handed out over HTTP, and the key that signs their addresses. */
export interface MediaDoor {
  readonly url: string
  readonly key: string
}

const signature = (key: string, content: string, until: string) =>
  createHmac('sha256', key).update(`${content}.${until}`).digest('base64url')

/** Addresses hold hexadecimal keys, without hyphens. */
const bare = (contentKey: string) => contentKey.replaceAll('-', '')

/** The address of a picture by its content; it can be fetched until then, whatever becomes of the platform's links. */
export function addressOf({ url, key }: MediaDoor, contentKey: string, until: Date): string {
  const [content, end] = [bare(contentKey), String(Math.floor(until.getTime() / 1_000))]
  return `${url.replace(/\/$/, '')}/media/${content}?until=${end}&sig=${signature(key, content, end)}`
}

/** Whether we gave out this address. */
export function isOurs(key: string, contentKey: string, until: string, sig: string): boolean {
  const [expected, given] = [signature(key, contentKey, until), sig].map((text) => Buffer.from(text))
  return (
    expected !== undefined &&
    given !== undefined &&
    expected.length === given.length &&
    timingSafeEqual(expected, given)
  )
}
