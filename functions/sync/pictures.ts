import { addressOf } from '#shared/media/address.ts'
import { platformOf } from '#shared/platforms/index.ts'
import type { ApiDeps } from './deps.ts'

type Settings = Pick<ApiDeps['settings'], 'media'>

/** Whether a link leads to where the platform serves pictures, and nowhere else. */
export function isOfPlatform(url: string, platform: string, { media }: Settings): boolean {
  if (!URL.canParse(url)) return false
  if (media?.cdnUrl !== undefined) return true
  const { protocol, hostname } = new URL(url)
  const isHost = (host: string) => hostname === host || hostname.endsWith(`.${host}`)
  return protocol === 'https:' && platformOf(platform).pictureHosts.some(isHost)
}

/** Where a link leads: in a simulated world to its own CDN. */
export function leadTo(url: string, { media }: Settings): string {
  if (media?.cdnUrl === undefined) return url
  const { host, pathname, search } = new URL(url)
  return `${media.cdnUrl}/${host}${pathname}${search}`
}

/** How long an address of ours in an answer leads to its picture. */
const hourMs = 3_600_000

interface Facts {
  readonly platform: string
  readonly url: string | null
  readonly is_fresh: boolean | null
  readonly content_key: string | null
  readonly now: Date
}

/** Where a reader finds a picture: by the platform's link while it works, else by our own address. null: nowhere. */
export function pictureFor(
  { platform, url, is_fresh, content_key, now }: Facts,
  settings: Settings,
  origin: string,
): string | null {
  if (url !== null && is_fresh && isOfPlatform(url, platform, settings)) return leadTo(url, settings)
  if (content_key === null || settings.media === null) return null
  return addressOf({ url: origin, key: settings.media.key }, content_key, new Date(now.getTime() + hourMs))
}
