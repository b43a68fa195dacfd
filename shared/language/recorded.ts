import type { Texts } from './text.ts'

/** What of a post an answer brought, by the names of the API. */
export const recorded = {
  content: ['what it says', 'содержание'],
  numbers: ['its numbers', 'показатели'],
} as const satisfies Texts
