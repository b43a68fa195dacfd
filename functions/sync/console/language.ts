import { catalogue, type Key } from '#shared/language/catalogue.ts'
import { type Language, languageOf, languages, type Words, wordsIn } from '#shared/language/words.ts'

const place = 'language'

/** As chosen here before, else as the browser asks. */
function languageHere(): Language {
  const chosen = localStorage.getItem(place)
  return languages.find((one) => one === chosen) ?? languageOf(navigator.languages)
}

/** All that is said on the page, in its language. */
const words: Words<Key> = wordsIn(languageHere(), catalogue)

export const { language, t, number } = words

/** The page is loaded again in that language. */
export function chooseLanguage(wanted: Language): void {
  localStorage.setItem(place, wanted)
  location.reload()
}

/** What the API calls something, by the texts of an area; a name that it does not know is shown as it is. */
export function named(area: Key extends `${infer Area}.${string}` ? Area : never, name: string): string {
  const key = `${area}.${name}` as Key
  const said = t(key)
  return said === key ? name.replaceAll('_', ' ') : said
}

/** The reader's own time zone. */
export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
