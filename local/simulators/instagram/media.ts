import { createHash } from 'node:crypto'
import type { World } from '../../world/world.ts'
import type { Field } from './grammar.ts'

export type Resource = Readonly<Record<string, unknown>>

const userFields = new Set([
  ...['id', 'ig_id', 'username', 'name', 'biography', 'website', 'profile_picture_url'],
  ...['followers_count', 'follows_count', 'media_count', 'media', 'user_id', 'account_type'],
])
const mediaFields = new Set([
  ...[
    'id',
    'caption',
    'media_type',
    'media_product_type',
    'media_url',
    'thumbnail_url',
    'permalink',
    'shortcode',
  ],
  ...['timestamp', 'username', 'owner', 'like_count', 'comments_count', 'view_count', 'alt_text', 'children'],
  ...['is_comment_enabled', 'is_shared_to_feed', 'reposts_count', 'total_like_count', 'total_comments_count'],
])

/** The name of a field that does not exist, if one is asked for. */
export function missingField(
  fields: readonly Field[],
  of: 'user' | 'media',
  withdrawn: ReadonlySet<string>,
): string | undefined {
  const known = of === 'user' ? userFields : mediaFields
  for (const field of fields) {
    if (!known.has(field.name) || withdrawn.has(field.name)) return field.name
    const inner = field.fields.length > 0 ? missingField(field.fields, 'media', withdrawn) : undefined
    if (inner) return inner
  }
  return undefined
}

/** Only the fields asked for; links get a new signature in each answer. */
export function cut(resource: Resource, fields: readonly Field[], sign: (url: string) => string): Resource {
  const entries = fields.flatMap(({ name, fields: inner }) => {
    const value = resource[name]
    if (value === undefined) return []
    if (name === 'children') {
      const { data } = value as { data: Resource[] }
      return [[name, { data: data.map((child) => cut(child, inner.length > 0 ? inner : idOnly, sign)) }]]
    }
    return [[name, typeof value === 'string' && name.endsWith('_url') ? sign(value) : value]]
  })
  return Object.fromEntries(entries)
}

const idOnly: readonly Field[] = [{ name: 'id', modifiers: new Map(), fields: [] }]

/** Signed links live from one to seven days (Instagram media, as recorded): `oe` is the end in hexadecimal seconds. */
export function signer(now: Date, host: string): (url: string) => string {
  return (text) => {
    if (!URL.canParse(text)) return text
    const url = new URL(text)
    const seed = createHash('sha1').update(`${url.pathname} ${now.getTime()}`).digest()
    const lifeS = 86_400 + (seed.readUInt32BE(0) % (6 * 86_400))
    const end = Math.floor(now.getTime() / 1000) + lifeS
    const query = new URLSearchParams({
      _nc_ht: url.host,
      oh: `00_${seed.toString('base64url').slice(0, 20)}`,
      oe: end.toString(16).toUpperCase(),
    })
    return `http://${host}/cdn${url.pathname}?${query}`
  }
}

/** The latest 10,000 media are listed, newest first (Instagram API). */
const mostListed = 10_000

export function mediaOf(world: World, account: string): Resource[] {
  const timeOf = ({ resource }: { readonly resource: Resource }) => Date.parse(String(resource['timestamp']))
  return world
    .postsOf('instagram', account)
    .sort((a, b) => timeOf(b) - timeOf(a))
    .slice(0, mostListed)
    .map(({ resource }) => resource)
}

export interface Page {
  readonly items: readonly Resource[]
  readonly after: string | null
  readonly isLast: boolean
}

/** A page after a cursor; undefined: the cursor is not good any more, since its item was deleted. */
export function pageOf(all: readonly Resource[], limit: number, after: string | undefined): Page | undefined {
  const id = after === undefined ? undefined : Buffer.from(after, 'base64url').toString('utf8')
  const from = id === undefined ? 0 : all.findIndex((resource) => resource['id'] === id) + 1
  if (id !== undefined && from === 0) return undefined
  const items = all.slice(from, from + limit)
  const last = items.at(-1)
  return {
    items,
    after: last ? Buffer.from(String(last['id'])).toString('base64url') : null,
    isLast: from + items.length >= all.length,
  }
}
