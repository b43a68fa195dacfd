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

type Named = { readonly platform: Platform; readonly handle: string }

/** `platform:name` in its two parts; undefined: the text has no platform in front. */
export function splitName(text: string): Named | undefined {
  const [, platform = '', handle] = /^([a-z]+):(?!\/\/)(.+)$/.exec(text) ?? []
  return handle && platformNames.includes(platform) ? { platform, handle } : undefined
}

/**
 * What an address is: an account's page, or `fault` in words; undefined: the text is no address. Nothing is fetched from it.
 */
export function readAddress(text: string): Named | { readonly fault: string } | undefined {
  const address = /^(?:[\w-]+\.)+[a-z]{2,}\//i.test(text) ? `https://${text}` : text
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(address)) return undefined
  if (!/^https?:/i.test(address) || !URL.canParse(address))
    return { fault: 'this is no address that can be read' }
  const { hostname, pathname } = new URL(address)
  const path = decodedPath(pathname)
  const platform = platformNames.find((name) => isAt(name, hostname))
  if (!platform) return { fault: `accounts of ${hostname} are not supported: ${supported()} are` }
  const { page, others } = platformOf(platform).handles
  const other = others.find((one) => one.address.test(`${hostname}${path}`))
  if (other) return { fault: `this is ${other.says}: open it, and give the address of the account` }
  const [, handle] = page.path.exec(path) ?? []
  return handle ? { platform, handle } : { fault: 'this is not the address of an account' }
}

/** Whether a platform has addresses of that host, of accounts or of something else. */
function isAt(platform: Platform, hostname: string): boolean {
  const { page, others } = platformOf(platform).handles
  return page.host.test(hostname) || others.some(({ address }) => address.test(`${hostname}/`))
}

const supported = () => platformNames.map((name) => platformOf(name).title).join(', ')

/** The account whose page an address is; undefined: it is none that is known. */
export function nameInUrl(text: string): Named | undefined {
  const read = readAddress(text)
  return read && !('fault' in read) ? read : undefined
}

/** A path that is not encoded by the rules is no account's. */
function decodedPath(pathname: string): string {
  try {
    return decodeURI(pathname)
  } catch {
    return ''
  }
}
