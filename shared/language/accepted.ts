export const languages = ['en', 'ru'] as const
export type Language = (typeof languages)[number]

/** How each language calls itself. */
export const languageNames: Readonly<Record<Language, string>> = { en: 'English', ru: 'Русский' }

/** The first of these that there is, as browsers name them (`ru-RU`); else English. */
export const languageOf = (wanted: readonly string[]): Language =>
  wanted.flatMap((tag) => languages.find((one) => tag.toLowerCase().split('-')[0] === one) ?? [])[0] ?? 'en'

/** As a browser asks in its header Accept-Language. */
export const languageAccepted = (header: string | undefined): Language =>
  languageOf((header ?? '').split(',').map((one) => one.split(';')[0]?.trim() ?? ''))
