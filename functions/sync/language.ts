import type { Language } from '#shared/language/accepted.ts'
import { causes } from '#shared/language/causes.ts'
import { endpoints } from '#shared/language/endpoints.ts'
import { owners, rights } from '#shared/language/owners.ts'
import { pools } from '#shared/language/pools.ts'
import { mlWaits, said } from '#shared/language/said.ts'
import { waits } from '#shared/language/waits.ts'
import { type KeyOf, type Words, wordsIn } from '#shared/language/words.ts'

const texts = { causes, endpoints, mlWaits, owners, pools, rights, said, waits }

/** The words of sentences of the API, and of the pages of owners. */
export type ApiWords = Words<KeyOf<typeof texts>>

const known = new Map<Language, ApiWords>()

export function apiWords(language: Language): ApiWords {
  const words = known.get(language) ?? wordsIn(language, texts)
  known.set(language, words)
  return words
}
