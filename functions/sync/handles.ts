import type { Platform } from '#shared/model/account.ts'
import { platformNames, platformOf } from '#shared/platforms/index.ts'

/** Reports a fault of the field `handle` when it cannot be one on that platform. */
export function checkHandle(
  platform: Platform,
  handle: string,
  fault: (path: string, message: string) => void,
): void {
  const { pattern, says } = platformOf(platform).handles
  if (!pattern.test(handle)) fault('handle', says)
}

/** The account whose page an address is; undefined: it is none that is known. Nothing is fetched from it. */
export function nameInUrl(text: string): { platform: Platform; handle: string } | undefined {
  const address = /^[\w.]+\.com\//.test(text) ? `https://${text}` : text
  if (!/^https?:\/\//.test(address) || !URL.canParse(address)) return undefined
  const { hostname, pathname } = new URL(address)
  const decoded = decodedPath(pathname)
  for (const platform of platformNames) {
    const { host, path } = platformOf(platform).handles.page
    const [, handle] = (host.test(hostname) && path.exec(decoded)) || []
    if (handle) return { platform, handle }
  }
  return undefined
}

/** A path that is not encoded by the rules is no account's. */
function decodedPath(pathname: string): string {
  try {
    return decodeURI(pathname)
  } catch {
    return ''
  }
}
