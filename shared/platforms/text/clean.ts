/**
 * Text that PostgreSQL can hold: U+0000 and lone surrogates removed, all else as received
 * (NFC only in `*_norm`).
 */
export function cleanText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: U+0000 is what must go
  return text.replace(/\u0000/g, '').replace(/\p{Surrogate}/gu, '')
}

/**
 * Reads JSON whose strings are to be cleaned; looks through them only when the text has an escape that may need it,
 * since a received text itself can hold neither U+0000 nor a lone surrogate.
 */
export function parseClean(text: string): unknown {
  const value: unknown = JSON.parse(text)
  return /\\u(?:0000|d[89a-f])/i.test(text) ? cleanJson(value) : value
}

/** Integers too large for a double, as their own digits. */
export function parseInt64(text: string): unknown {
  const parse = JSON.parse as (text: string, reviver: Reviver) => unknown
  return parse(text, (_key, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && source && /^-?\d+$/.test(source)
      ? source
      : value,
  )
}
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown

/** Cleans every string inside a JSON value, keys too. */
export function cleanJson(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value)
  if (Array.isArray(value)) return value.map(cleanJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [cleanText(key), cleanJson(inner)]))
}
