import { commentOf } from '../pictures/comment.ts'
import { annotate } from './annotate.ts'

/** What a language model is shown. */
export interface Shown {
  readonly text: string
  readonly picture: Buffer | null
}

interface Found {
  readonly brands?: readonly object[]
  readonly texts?: readonly object[]
  readonly labels?: readonly object[]
  readonly sentiment?: number
}

/** The form that a prompt asks for: the keys of the first JSON in it. */
function keysAsked(prompt: string): string[] {
  const example = /\{.*\}/s.exec(prompt)?.[0] ?? '{}'
  try {
    return Object.keys(JSON.parse(example.slice(0, endOf(example))))
  } catch {
    return []
  }
}

function endOf(json: string): number {
  let depth = 0
  for (let place = 0; place < json.length; place += 1) {
    if (json[place] === '{') depth += 1
    if (json[place] === '}') depth -= 1
    if (depth === 0) return place + 1
  }
  return json.length
}

/** Says what a text or picture holds, in the form of the example in the prompt. Pure. */
export function sayOf(prompt: string, { text, picture }: Shown): string {
  const media = picture ? { media: [{ id: 'm', url: '' }] } : { text }
  const words = picture ? [commentOf(picture)] : []
  const [item] = annotate(media, prompt.includes('"texts"') ? 'image_text' : 'image', words).items
  const found = (item ?? {}) as Found
  const answer = Object.fromEntries(
    keysAsked(prompt).map((key) => [key, key === 'nsfw' ? 0.01 : (found[key as keyof Found] ?? [])]),
  )
  return JSON.stringify(answer)
}
