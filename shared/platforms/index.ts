import type { Platform } from '../model/account.ts'
import { read as readInstagram } from './instagram/read.ts'
import { scrub as scrubInstagram } from './instagram/scrub.ts'
import type { Connector } from './platform.ts'
import { read as readTiktok } from './tiktok/read.ts'
import { read as readYoutube } from './youtube/read.ts'

/** Reads stored answers of each platform; needs no key, so that transform holds none. */
const readers: Readonly<Record<Platform, Connector['read']>> = {
  instagram: readInstagram,
  youtube: readYoutube,
  tiktok: readTiktok,
}

/** A stored answer as records. Throws a TerminalError when it cannot be read at all. */
export const readPage = (platform: Platform, endpoint: string, body: string) =>
  readers[platform](endpoint, body)

/** An answer that somebody else kept, without secrets that it may carry; our own calls scrub theirs. */
export const scrubForeign = (platform: Platform, body: string): string =>
  platform === 'instagram' ? scrubInstagram(body, '') : body
