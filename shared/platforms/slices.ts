import type { PostMetrics } from '../model/post.ts'
import { parseClean } from './text/clean.ts'
import { eachIn, eachMember, NotPlain, spaceEnd, valueEnd } from './text/json-scan.ts'

/** How the posts of an answer are distinguished without reading it: by the text of each item, without what changes all the time. */
export interface SliceRule {
  readonly group: 'listing' | 'detail'
  /** Keys of an item whose values are no part of what it says of the post: numbers, and tags of versions. */
  readonly volatile: readonly string[]
  /** Keys whose values `read` takes. */
  readonly parts: readonly string[]
  /** Id and numbers of a post. null: they are not as documented, or it is no post, and the item is read whole. */
  read(parts: Readonly<Record<string, unknown>>): Pick<Slice, 'native_id' | 'metrics'> | null
}

interface Slice {
  readonly native_id: string
  /** null: lists say nothing of numbers. */
  readonly metrics: PostMetrics | null
  /** The text of the item without what is volatile, its parts separated by U+0000. */
  readonly content: string
}

export interface Slices {
  /** Of each item, by its place; null: to be read whole. */
  readonly items: readonly (Slice | null)[]
  /** The answer without the items at these places. */
  without(places: ReadonlySet<number>): string
}

interface Range {
  readonly from: number
  readonly to: number
}

/** Cuts the list `items` of an answer by a rule. undefined: it has none, or is no plain JSON, and is read as a whole. */
export function slice(body: string, rule: SliceRule): Slices | undefined {
  try {
    return slicesOf(body, rule)
  } catch (error) {
    if (error instanceof NotPlain) return undefined
    throw error
  }
}

/** Goes over the text once. */
function slicesOf(body: string, rule: SliceRule): Slices | undefined {
  const items: (Slice | null)[] = []
  const places: Range[] = []
  let list: Range | undefined
  const readList = (from: number): number => {
    if (list || body[from] !== '[') throw new NotPlain()
    const to = eachIn(body, from, ']', (start) => {
      const { slice, end } = readItem(body, start, rule)
      items.push(slice)
      places.push({ from: start, to: end })
      return end
    })
    list = { from, to }
    return to
  }
  eachMember(body, spaceEnd(body, 0), (key, _, from) =>
    key === 'items' ? readList(from) : valueEnd(body, from),
  )
  if (!list) return undefined
  const { from, to } = list
  return {
    items,
    without: (known) => {
      const kept = places.filter((_, place) => !known.has(place))
      return `${body.slice(0, from + 1)}${kept.map((one) => body.slice(one.from, one.to)).join(',')}${body.slice(to - 1)}`
    },
  }
}

function readItem(
  body: string,
  start: number,
  { volatile, parts, read }: SliceRule,
): { readonly slice: Slice | null; readonly end: number } {
  if (body[start] !== '{') return { slice: null, end: valueEnd(body, start) }
  const values: Record<string, unknown> = {}
  let isPlain = true
  let content = ''
  let kept = start
  const end = eachMember(body, start, (key, at, from) => {
    const to = valueEnd(body, from)
    if (parts.includes(key)) {
      const value = parsed(body.slice(from, to))
      isPlain &&= value !== undefined && !(key in values)
      values[key] = value
    }
    if (volatile.includes(key)) {
      content += `${body.slice(kept, at)}\u0000`
      kept = to
    }
    return to
  })
  const found = isPlain ? read(values) : null
  return { slice: found && { ...found, content: content + body.slice(kept, end) }, end }
}

/** undefined: no JSON. */
function parsed(text: string): unknown {
  try {
    return parseClean(text)
  } catch {
    return undefined
  }
}
