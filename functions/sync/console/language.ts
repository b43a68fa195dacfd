import { type Language, languageOf, languages } from '#shared/language/accepted.ts'
import { catalogue, type Key } from '#shared/language/catalogue.ts'
import { type Words, wordsIn } from '#shared/language/words.ts'

const place = 'language'

/** As chosen here before, else as the browser asks. */
function languageHere(): Language {
  const chosen = localStorage.getItem(place)
  return languages.find((one) => one === chosen) ?? languageOf(navigator.languages)
}

/** All that is said on the page, in its language. */
export const words: Words<Key> = wordsIn(languageHere(), catalogue)

export const { language, t, named, number, translated } = words

/** The page is loaded again in that language. */
export function chooseLanguage(wanted: Language): void {
  localStorage.setItem(place, wanted)
  location.reload()
}

/** How the reader writes times and days: as the browser asks, where that is the language of the page. */
export const locale = navigator.languages.find((tag) => tag.split('-')[0] === language) ?? language

/** The reader's own time zone. */
export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
