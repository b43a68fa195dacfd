/** A text in English and in Russian; `{{name}}` stands for a value. */
export type Plain = readonly [en: string, ru: string]

/** A text that depends on the number `{{count}}`, with a form for each way of counting (plural categories of Unicode CLDR). */
export type Counted = readonly [
  en: { readonly one: string; readonly other: string },
  ru: { readonly one: string; readonly few: string; readonly many: string },
]

export type Texts = Readonly<Record<string, Plain | Counted>>
