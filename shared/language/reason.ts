import type { Language } from './accepted.ts'
import { reasons } from './reasons.ts'
import type { Plain } from './text.ts'
import { workReasons } from './work-reasons.ts'

interface Russian {
  /** Reasons without values. */
  readonly exact: ReadonlyMap<string, string>
  readonly patterns: readonly { readonly pattern: RegExp; readonly ru: string }[]
}

const placeholder = /\{\{(\w+)\}\}/g

function patternOf(en: string): RegExp {
  const parts = en.split(placeholder)
  const pattern = parts.map((part, at) => {
    if (at % 2 === 0) return part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    return `(?<${part}>${part === 'text' || part === 'reason' ? '.*' : String.raw`\S+`})`
  })
  return new RegExp(`^${pattern.join('')}$`, 's')
}

const hasValues = ([en]: Plain) => en.includes('{{')

const russianOf = (all: readonly Plain[]): Russian => ({
  exact: new Map(all.filter((one) => !hasValues(one))),
  patterns: all.filter(hasValues).map(([en, ru]) => ({ pattern: patternOf(en), ru })),
})

let russian: Russian | undefined

/**
 * A reason that is on record, in the language of a reader. Words of a platform or a provider within it stay as they are, and so does a
 * reason without a translation.
 */
export function reasonIn(language: Language, reason: string): string {
  if (language === 'en') return reason
  russian ??= russianOf([...reasons, ...workReasons])
  // What is wrong with a record has its field in front.
  const [, field = '', rest = reason] = /^([\w.*-]+: )(.*)$/s.exec(reason) ?? []
  const translated = inRussian(reason, russian)
  return translated === reason ? field + inRussian(rest, russian) : translated
}

function inRussian(reason: string, russian: Russian): string {
  const exact = russian.exact.get(reason)
  if (exact !== undefined) return exact
  for (const { pattern, ru } of russian.patterns) {
    const found = pattern.exec(reason)
    if (!found) continue
    return ru.replaceAll(placeholder, (_, name: string) => {
      const value = found.groups?.[name] ?? ''
      return name === 'reason' ? inRussian(value, russian) : value
    })
  }
  return reason
}
