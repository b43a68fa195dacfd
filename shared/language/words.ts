import i18next from 'i18next'
import type { Language } from './accepted.ts'
import { reasonIn } from './reason.ts'
import type { Counted, Plain, Texts } from './text.ts'

const isCounted = (text: Plain | Counted): text is Counted => typeof text[0] !== 'string'

/** Texts of one language, as i18next takes them: each form of a counted one by itself. */
function formsOf(texts: Texts, place: 0 | 1): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) => {
      if (!isCounted(text)) return [[name, text[place]]]
      // Numbers with a fraction are counted as few ones in Russian.
      const forms = place === 0 ? text[0] : { ...text[1], other: text[1].few }
      return Object.entries(forms).map(([form, said]) => [`${name}_${form}`, said])
    }),
  )
}

type Catalogue = Readonly<Record<string, Texts>>

/** `area.name` of a text. */
export type KeyOf<Of extends Catalogue> = {
  [Area in keyof Of & string]: `${Area}.${keyof Of[Area] & string}`
}[keyof Of & string]

const textsOf = (catalogue: Catalogue, place: 0 | 1) =>
  Object.fromEntries(Object.entries(catalogue).map(([area, texts]) => [area, formsOf(texts, place)]))

type AreaOf<Key extends string> = Key extends `${infer Area}.${string}` ? Area : never

type Values = Readonly<Record<string, string | number>>

/** What is said in a language. */
export interface Words<Key extends string> {
  readonly language: Language
  /** A text with its values; `count` decides on its form, and is written as the language writes numbers. */
  readonly t: (key: Key, values?: Values) => string
  /** What the API calls something, by the texts of an area; a name without a text is shown as it is. */
  readonly named: (area: AreaOf<Key>, name: string) => string
  /** A reason that is on record in English. */
  readonly translated: (reason: string) => string
  readonly number: (value: number, options?: Intl.NumberFormatOptions) => string
}

/** All texts of these areas in one language. */
export function wordsIn<Of extends Catalogue>(language: Language, catalogue: Of): Words<KeyOf<Of>> {
  const i18n = i18next.createInstance()
  void i18n.init({
    lng: language,
    resources: { [language]: { translation: textsOf(catalogue, language === 'en' ? 0 : 1) } },
    interpolation: { escapeValue: false },
    initAsync: false,
    nsSeparator: false,
  })
  const number = (value: number, options: Intl.NumberFormatOptions = {}) =>
    new Intl.NumberFormat(language, options).format(value)
  const t = (key: string, values: Values = {}) => {
    const { count } = values
    const written = typeof count === 'number' ? { replace: { ...values, count: number(count) } } : {}
    const options: Record<string, unknown> = { ...values, ...written }
    return i18n.t(key, options)
  }
  return {
    ...{ language, number, t },
    translated: (reason) => reasonIn(language, reason),
    named: (area, name) => {
      const key = `${area}.${name}`
      return i18n.exists(key) ? t(key) : name.replaceAll('_', ' ')
    },
  }
}
