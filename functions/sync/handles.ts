import type { Platform } from '#shared/model/account.ts'

/** Handles of each platform (platform-apis 7.5), with or without @. */
const handles = {
  youtube: {
    pattern: /^@?[\p{L}\p{M}\p{N}_.·-]{2,30}$/u,
    says: 'a handle has 2 to 30 letters, digits, dots, dashes or underscores',
  },
  instagram: {
    pattern: /^@?[A-Za-z0-9_](?:[A-Za-z0-9._]{0,28}[A-Za-z0-9_])?$/,
    says: 'a username has 1 to 30 letters of a to z, digits, underscores or dots, but no dot at either end',
  },
  tiktok: {
    pattern: /^@?[A-Za-z0-9._]{1,23}[A-Za-z0-9_]$/,
    says: 'a username has 2 to 24 letters of a to z, digits, underscores or dots, but no dot at the end',
  },
} as const

/** Tells a fault of the field `handle` when it cannot be one on that platform. */
export function checkHandle(
  platform: Platform,
  handle: string,
  fault: (path: string, message: string) => void,
): void {
  const { pattern, says } = handles[platform]
  if (!pattern.test(handle)) fault('handle', says)
}

const pages: readonly { readonly platform: Platform; readonly host: RegExp; readonly path: RegExp }[] = [
  {
    platform: 'youtube',
    host: /^(?:www\.|m\.)?youtube\.com$/,
    path: /^\/(?:channel\/)?(@[^/]+|UC[\w-]{22})(?:\/|$)/,
  },
  { platform: 'instagram', host: /^(?:www\.)?instagram\.com$/, path: /^\/([\w.]+)\/?$/ },
  { platform: 'tiktok', host: /^(?:www\.|m\.)?tiktok\.com$/, path: /^\/(@[\w.]+)(?:\/|$)/ },
]

/** The account whose page an address is; undefined: it is none that is known. Nothing is fetched from it. */
export function nameInUrl(text: string): { platform: Platform; handle: string } | undefined {
  const address = /^[\w.]+\.com\//.test(text) ? `https://${text}` : text
  if (!/^https?:\/\//.test(address) || !URL.canParse(address)) return undefined
  const { hostname, pathname } = new URL(address)
  const decoded = decodedPath(pathname)
  for (const { platform, host, path } of pages) {
    const [, handle] = (host.test(hostname) && path.exec(decoded)) || []
    if (handle) return { platform, handle }
  }
  return undefined
}

/** A path that was encoded by nobody's rules is of no account. */
function decodedPath(pathname: string): string {
  try {
    return decodeURI(pathname)
  } catch {
    return ''
  }
}
