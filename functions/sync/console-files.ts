import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { type HttpEvent, header } from '#shared/http/http-event.ts'
import type { HttpResponse } from '#shared/http/problem.ts'
import { platformNames, platformOf } from '#shared/platforms/index.ts'
import type { ApiDeps } from './deps.ts'

interface ConsoleFile {
  readonly type: string
  readonly text: string
  /** The same as Brotli, in base64. */
  readonly packed: string
  readonly etag: string
  /** Its name changes with its content. */
  readonly isLasting: boolean
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
}

/** Where platforms serve pictures. */
const pictureHosts = platformNames.flatMap((name) =>
  platformOf(name).pictureHosts.flatMap((host) => [`https://${host}`, `https://*.${host}`]),
)

/**
 * What the page may do: its own scripts and styles, the API beside it, pictures of the platforms, nothing else from elsewhere, in no
 * frame. Foreign text stays text: scripts cannot make markup of it.
 * @param cdnUrl where a simulated world has the pictures
 */
const policyWith = (cdnUrl: string | undefined): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    ["img-src 'self'", ...pictureHosts, ...(cdnUrl === undefined ? [] : [new URL(cdnUrl).origin])].join(' '),
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')

const read = new Map<string, ReadonlyMap<string, ConsoleFile>>()

/** The files of a folder by their paths, read once for an instance; none where the console was not built. */
function filesOf(folder: string): ReadonlyMap<string, ConsoleFile> {
  const known = read.get(folder)
  if (known) return known
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []
  const files = new Map(
    names
      .filter((name) => extname(name) in types)
      .map((name) => [name === 'index.html' ? '/' : `/${name}`, fileOf(join(folder, name))]),
  )
  read.set(folder, files)
  return files
}

function fileOf(path: string): ConsoleFile {
  const text = readFileSync(path, 'utf8')
  const packed = existsSync(`${path}.br`) ? readFileSync(`${path}.br`, 'base64') : ''
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`
  return { type: types[extname(path)] ?? '', text, packed, etag, isLasting: /-\w{8}\.\w+$/.test(path) }
}

/** A file of the console, which needs no key; undefined when this asks for something else. */
export function consoleFile(
  request: HttpEvent,
  { consoleFolder, media }: Pick<ApiDeps['settings'], 'consoleFolder' | 'media'>,
): HttpResponse | undefined {
  if (request.httpMethod !== 'GET') return undefined
  const file = filesOf(consoleFolder ?? join(import.meta.dirname, 'console')).get(request.path || '/')
  if (!file) return undefined
  const headers = {
    'content-type': file.type,
    'cache-control': file.isLasting ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: file.etag,
    vary: 'accept-encoding',
    'content-security-policy': policyWith(media?.cdnUrl),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  }
  if (header(request, 'if-none-match') === file.etag) return { statusCode: 304, headers, body: '' }
  if (file.packed === '' || !/\bbr\b/.test(header(request, 'accept-encoding') ?? ''))
    return { statusCode: 200, headers, body: file.text }
  const packed = { ...headers, 'content-encoding': 'br' }
  return { statusCode: 200, headers: packed, body: file.packed, isBase64Encoded: true }
}
