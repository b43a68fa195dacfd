import type { Language } from '#shared/language/accepted.ts'
import { poolName } from '#shared/language/pool-name.ts'
import { platformNames, platformOf } from '#shared/platforms/index.ts'
import type { ApiWords } from './language.ts'

/** The words for people in a language; loaded when some are said. */
export async function wordsFor(language: Language): Promise<ApiWords> {
  const { apiWords } = await import('./language.ts')
  return apiWords(language)
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
