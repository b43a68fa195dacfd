import { causes } from '#shared/language/causes.ts'
import { endpoints } from '#shared/language/endpoints.ts'
import { poolName } from '#shared/language/pool-name.ts'
import { pools } from '#shared/language/pools.ts'
import { mlWaits, said } from '#shared/language/said.ts'
import { waits } from '#shared/language/waits.ts'
import { type KeyOf, type Language, languageAccepted, type Words, wordsIn } from '#shared/language/words.ts'
import { platformNames, platformOf } from '#shared/platforms/index.ts'

const texts = { causes, endpoints, mlWaits, pools, said, waits }
export type ApiWords = Words<KeyOf<typeof texts>>

const known = new Map<Language, ApiWords>()

/** The words of sentences for people, in the language that a caller asks for (Accept-Language). */
export function wordsFor(accepted: string | undefined): ApiWords {
  const language = languageAccepted(accepted)
  const words = known.get(language) ?? wordsIn(language, texts)
  known.set(language, words)
  return words
}

/** How many of each cause there are. */
export const byCause = (counts: Readonly<Record<string, number>>, { named, number }: ApiWords): string =>
  Object.entries(counts)
    .map(([cause, count]) => `${named('causes', cause)} (${number(count)})`)
    .join(', ')

/** What a task waits for, worded to follow "waits for". */
export const waitOf = (reason: string | null, { named }: ApiWords): string =>
  named('waits', reason ?? 'retry')

const titles = () => new Map<string, string>(platformNames.map((name) => [name, platformOf(name).title]))

/** What a limited right to call is. */
export const poolOf = (pool: string, words: ApiWords): string =>
  poolName(pool, words, (name) => titles().get(name) ?? name)
