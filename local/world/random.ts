import { hash } from 'node:crypto'

/** The first 32 bits of a hash of the text. */
const bitsOf = (text: string): number => Number.parseInt(hash('sha256', text).slice(0, 8), 16)

/** A number in [0, 1) that depends on the text alone. */
export function fraction(text: string): number {
  return bitsOf(text) / 2 ** 32
}

/** A repeatable source of numbers in [0, 1) (mulberry32). */
export function seeded(text: string): () => number {
  let state = bitsOf(text)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function pick<T>(random: () => number, from: readonly T[]): T {
  const item = from[Math.floor(random() * from.length)]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

/** An id of letters, digits, dash and underscore, the same for the same text. */
export function idOf(text: string, length: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const random = seeded(`id ${text}`)
  return Array.from({ length }, () => alphabet[Math.floor(random() * 64)]).join('')
}

/** A number of so many digits as text, the same for the same text. */
export function digitsOf(text: string, length: number): string {
  const random = seeded(`digits ${text}`)
  return Array.from({ length }, () => Math.floor(random() * 10)).join('')
}
