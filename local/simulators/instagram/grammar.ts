/** One entry of a `fields` parameter: `name(args).limit(5).after(c){inner}`. */
export interface Field {
  readonly name: string
  /** The argument of the field itself, as in `business_discovery.username(x)`: there under `username`. */
  readonly modifiers: ReadonlyMap<string, string>
  readonly fields: readonly Field[]
}

/** Reads the grammar of the Graph API's `fields` (Instagram Business Discovery); undefined: it cannot be read. */
export function parseFields(text: string): Field[] | undefined {
  const reader = { text, at: 0 }
  const fields = list(reader)
  return fields && reader.at === text.length ? fields : undefined
}

interface Reader {
  readonly text: string
  at: number
}

function take(reader: Reader, pattern: RegExp): string | undefined {
  const sticky = new RegExp(pattern.source, 'y')
  sticky.lastIndex = reader.at
  const found = sticky.exec(reader.text)
  if (!found) return undefined
  reader.at = sticky.lastIndex
  return found[1] ?? found[0]
}

function list(reader: Reader): Field[] | undefined {
  const fields: Field[] = []
  do {
    const field = one(reader)
    if (!field) return undefined
    fields.push(field)
  } while (take(reader, /,/))
  return fields
}

function one(reader: Reader): Field | undefined {
  const name = take(reader, /\w+/)
  if (name === undefined) return undefined
  const modifiers = new Map<string, string>()
  for (;;) {
    const modifier = take(reader, /\.(\w+)(?=\()/)
    if (modifier === undefined) break
    const value = take(reader, /\(([^()]*)\)/)
    if (value === undefined) return undefined
    modifiers.set(modifier, value)
  }
  if (!take(reader, /\{/)) return { name, modifiers, fields: [] }
  const fields = list(reader)
  return fields && take(reader, /\}/) ? { name, modifiers, fields } : undefined
}
