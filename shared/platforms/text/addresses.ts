/**
 * Characters of an address: ASCII, and letters of the scripts that part words by spaces. Japanese, Chinese, Korean and
 * Thai may follow an address without a space and are no part of it, which is why no library for links serves here.
 */
const letter = String.raw`\p{sc=Latin}\p{sc=Cyrillic}\p{sc=Greek}`
const inside = String.raw`(?:[${letter}\p{N}!#$%&'*+,\-./:;=?@\[\]_~|^]|\([${letter}\p{N}!#$%&'*+,\-./:;=?@_~]*\))`
const host = String.raw`(?:[${letter}\p{N}](?:[${letter}\p{N}-]*[${letter}\p{N}])?\.)+[${letter}]{2,}`

const address = new RegExp(
  [
    String.raw`\p{sc=Latin}[\p{sc=Latin}\p{N}+.-]*://${inside}+`,
    // Without a scheme it takes a path, a query or a fragment to hide a sign.
    String.raw`(?<![${letter}\p{N}@＠])${host}(?::\d+)?[/?#]${inside}*`,
    // A letter of another script before the sign belongs to the text: what follows is a mention.
    `(?<![A-Za-z0-9])[A-Za-z0-9][A-Za-z0-9._%+-]*@${host}`,
  ].join('|'),
  'giu',
)

const signs = /[@＠#＃﹟]/g
const mayBeAddress = /[.:]/

/** The same text with spaces in place of web and e-mail addresses; every position stays. Addresses have no spaces. */
export const withoutAddresses = (text: string): string =>
  text.replace(/\S+/gu, (word) => (mayBeAddress.test(word) ? withSpaces(word) : word))

/** The same for those addresses alone that have a `@` or `#` inside: only words with such a sign are searched. */
export function withoutAddressesOfSigns(text: string): string {
  let result = ''
  let done = 0
  for (const { index } of text.matchAll(signs)) {
    if (index < done) continue
    const from = wordStart(text, index)
    const to = wordEnd(text, index)
    const word = text.slice(from, to)
    result += text.slice(done, from) + (mayBeAddress.test(word) ? withSpaces(word) : word)
    done = to
  }
  return done === 0 ? text : result + text.slice(done)
}

const withSpaces = (word: string): string => word.replace(address, (found) => ' '.repeat(found.length))

const space = /\s/

function wordStart(text: string, at: number): number {
  let start = at
  while (start > 0 && !space.test(text.charAt(start - 1))) start -= 1
  return start
}

const spaces = /\s/g

function wordEnd(text: string, at: number): number {
  spaces.lastIndex = at
  return spaces.exec(text)?.index ?? text.length
}
