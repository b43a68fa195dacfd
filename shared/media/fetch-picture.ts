import { RetryableError, TerminalError } from '../errors.ts'
import { type Fetch, requestBytes } from '../http/request.ts'
import { retryAfterMs } from '../http/retry-after.ts'

export interface Picture {
  readonly bytes: Buffer
  /** As its first bytes say, whatever the server calls it. */
  readonly type: 'image/jpeg' | 'image/png' | 'image/webp' | 'image/gif'
}

/** From where pictures are fetched; nothing else is, wherever a link or a redirect leads. */
export interface PictureSources {
  readonly fetch: Fetch
  /** Hosts of the platforms and all below them, over HTTPS. */
  readonly hosts: readonly string[]
  /** Addresses that the settings name: our own, and the simulated hosts. */
  readonly origins: readonly string[]
  /** What addresses of our own bucket begin with. */
  readonly bucket?: string | undefined
  /** Of a picture; ten megabytes when absent. */
  readonly mostBytes?: number
  /** In place of the platforms' hosts, for a simulated world. */
  readonly cdnUrl?: string | undefined
}

export type FetchPicture = (url: string, signal: AbortSignal | undefined) => Promise<Picture>

/** When absent. */
const usualMostBytes = 10_000_000
const mostRedirects = 3
/** For all hops together. */
const timeoutMs = 15_000

/**
 * Fetches a picture of at most 10 MB, by three redirects at most, within 15 s. Throws a TerminalError `picture_gone` where it will not
 * come back, and `no_picture` for what is none; a RetryableError otherwise.
 */
export const pictureFetcher =
  (sources: PictureSources): FetchPicture =>
  async (url, signal) => {
    let at = simulated(sources, url)
    const since = performance.now()
    for (let hops = 0; hops <= mostRedirects; hops += 1) {
      if (!isSource(sources, at))
        throw new TerminalError('the picture leads to a host that is not the platform’s', {
          reason: 'no_picture',
        })
      const { status, headers, bytes } = await get(sources, at, since, signal)
      if (status === 200) return pictureOf(bytes)
      const location = headers.get('location')
      if (status < 300 || status >= 400 || location === null) throw refusal(status, headers)
      at = URL.canParse(location, at) ? simulated(sources, new URL(location, at).href) : ''
    }
    throw new TerminalError('the picture is redirected too often', { reason: 'no_picture' })
  }

function isSource({ hosts, origins, bucket }: PictureSources, url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname, origin, port, href } = new URL(url)
  if (origins.includes(origin) || isIn(bucket, href)) return true
  return (
    protocol === 'https:' &&
    port === '' &&
    hosts.some((host) => hostname === host || hostname.endsWith(`.${host}`))
  )
}

async function get(
  { fetch, mostBytes = usualMostBytes }: PictureSources,
  url: string,
  since: number,
  signal: AbortSignal | undefined,
) {
  const left = Math.max(1, timeoutMs - (performance.now() - since))
  const init = { redirect: 'manual', maxBytes: mostBytes, timeoutMs: left } as const
  try {
    return await requestBytes(fetch, url, signal ? { ...init, signal } : init)
  } catch (cause) {
    if (!(cause instanceof RetryableError)) throw cause
    if (cause.reason === 'too_large')
      throw new TerminalError(`the picture is larger than ${mostBytes} bytes`, {
        reason: 'no_picture',
        cause,
      })
    // Nothing has been asked of a provider yet.
    throw new RetryableError(cause.message, { reason: 'picture', cause })
  }
}

/** The storage host is everyone's: only our bucket there is ours. */
const isIn = (bucket: string | undefined, href: string) => bucket !== undefined && href.startsWith(bucket)

/** In a simulated world all links lead to its own host. */
function simulated({ cdnUrl, origins, bucket }: PictureSources, url: string): string {
  if (cdnUrl === undefined || !URL.canParse(url)) return url
  const { origin, host, pathname, search, href } = new URL(url)
  return origins.includes(origin) || isIn(bucket, href) ? url : `${cdnUrl}/${host}${pathname}${search}`
}

/** Whether a job fails by its picture, with which a person can do nothing. */
export const isPictures = (error: unknown): boolean =>
  error instanceof TerminalError && (error.reason === 'picture_gone' || error.reason === 'no_picture')

/** A link that is dead says nothing of the picture: another comes with the next answer of the platform. */
function refusal(status: number, headers: Headers): Error {
  const message = `the picture is answered with ${status}`
  if (status === 410) return new TerminalError(message, { reason: 'picture_gone' })
  const afterMs = retryAfterMs(headers)
  return new RetryableError(message, {
    reason: 'picture',
    ...(status === 503 ? { afterMs: afterMs ?? 60_000, counts: false } : { afterMs }),
  })
}

const beginnings = [
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/png', /^\x89PNG\r\n/],
  ['image/webp', /^RIFF.{4}WEBP/s],
  ['image/gif', /^GIF8/],
] as const

function pictureOf(bytes: Buffer): Picture {
  const head = bytes.subarray(0, 16).toString('latin1')
  const [type] = beginnings.find(([, beginning]) => beginning.test(head)) ?? []
  if (type === undefined)
    throw new TerminalError('what is there is no JPEG, PNG, WebP or GIF', { reason: 'no_picture' })
  return { bytes, type }
}
