import type { Hashtag, Mention } from '../../model/post.ts'
import { withoutAddresses, withoutAddressesOfSigns } from './addresses.ts'
import type { TextRules } from './rules.ts'

const tagChar =
  '[\\p{L}\\p{M}\\p{N}\\p{Pc}\\u200c\\u200d\\ufe0f\\u00b7\\u30fb]|\\p{Extended_Pictographic}|\\p{Emoji_Modifier}|\\p{Regional_Indicator}'
const beforeTag = '[\\p{L}\\p{M}\\p{N}_&/#＃]'
/** The sign comes first: what stands before it is looked at nowhere else. */
const alone = new RegExp(`[#＃﹟](?<=(?<!${beforeTag})[#＃﹟])((?:${tagChar})+)`, 'gu')
/** Where a `#` straight after a tag opens another one. */
const chained = new RegExp(
  `[#＃﹟](?<=(?:(?<!${beforeTag})|(?<=(?<!${beforeTag})(?:[#＃﹟](?:${tagChar})+)+))[#＃﹟])((?:${tagChar})+)`,
  'gu',
)
/** No index would hold longer ones. */
const longest = 100
const trailing = /[·・\u200c\u200d]+$/u

/**
 * Hashtags in order. Positions are UTF-16 units of the text given, which need not be
 * NFC: combining marks belong to a tag. A tag of one digit is none, and neither is what stands inside an address.
 */
export function hashtags(text: string, { chainsTags }: TextRules): Hashtag[] {
  const found: Hashtag[] = []
  for (const match of withoutAddressesOfSigns(text).matchAll(chainsTags ? chained : alone)) {
    const tag = match[1]?.replace(trailing, '') ?? ''
    if (tag === '' || tag.length > longest || /^\p{N}$/u.test(tag)) continue
    found.push({ source: 'text', position: match.index, tag, tag_norm: normaliseTag(tag) })
  }
  return found
}

/** For comparing: NFKC, locale-free lower case, NFC; accents stay. */
export function normaliseTag(tag: string): string {
  return tag.normalize('NFKC').toLowerCase().normalize('NFC')
}

/** @mentions in order. Positions are UTF-16 units of the text given. */
export function mentions(text: string, rules: TextRules): Mention[] {
  if (!text.includes('@') && !text.includes('＠')) return []
  return [...withoutAddressesOfSigns(text).matchAll(rules.mention)].map((match) => ({
    source: 'text',
    position: match.index,
    handle: match[1] ?? '',
    handle_norm: normaliseHandle(match[1] ?? '', rules),
  }))
}

/** A word that may be a handle, written without @. */
export interface Word {
  readonly position: number
  readonly handle: string
  readonly handle_norm: string
}

/** Shorter ones are words of the language more often than names. */
const shortestName = 3

/**
 * Words of a text that have the form of a handle and stand alone. Which of them are watched handles the
 * caller knows.
 */
export function words(text: string, rules: TextRules): Word[] {
  return [...withoutAddresses(text).matchAll(rules.word)].flatMap(({ index, 1: handle = '' }) =>
    handle.length < shortestName
      ? []
      : [{ position: index, handle, handle_norm: normaliseHandle(handle, rules) }],
  )
}

/** A handle for comparing, without @. */
export const normaliseHandle = (handle: string, rules: TextRules): string =>
  rules.fold(handle.replace(/^[@＠]/u, ''))
