import type { Language } from './accepted.ts'
import { reasons } from './reasons.ts'
import type { Plain } from './text.ts'
import { workReasons } from './work-reasons.ts'

interface Said {
  readonly pattern: RegExp
  readonly ru: string
}

const placeholder = /\{\{(\w+)\}\}/g

/** Takes `{{text}}` for anything, and any other value for a word. */
function saidAs([en, ru]: Plain): Said {
  const parts = en.split(placeholder)
  const pattern = parts.map((part, at) =>
    at % 2 === 0
      ? part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
      : `(?<${part}>${part === 'text' ? '.*' : String.raw`\S+`})`,
  )
  return { pattern: new RegExp(`^${pattern.join('')}$`, 's'), ru }
}

/** What is wrong with a field of a record. */
const ofField: Plain = ['{{field}}: {{text}}', '{{field}}: {{text}}']

let said: readonly Said[] | undefined

/**
 * A reason that is on record, in the language of a reader. What a platform or a provider said within it stays in its words, and one that has no
 * words here stays as it is.
 */
export function reasonIn(language: Language, reason: string): string {
  if (language === 'en') return reason
  said ??= [...reasons, ...workReasons, ofField].map(saidAs)
  return inRussian(reason, said)
}

function inRussian(reason: string, said: readonly Said[]): string {
  for (const { pattern, ru } of said) {
    const found = pattern.exec(reason)
    if (!found) continue
    return ru.replaceAll(placeholder, (_, name: string) => {
      const value = found.groups?.[name] ?? ''
      return name === 'text' ? inRussian(value, said) : value
    })
  }
  const sentences = reason.split('. ')
  return sentences.length > 1 ? sentences.map((one) => inRussian(one, said)).join('. ') : reason
}
