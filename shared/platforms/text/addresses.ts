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

const sign = /[@＠#＃﹟]/
const mayBeAddress = /[.:]/

/** The same text with spaces in place of web and e-mail addresses; every position stays. Addresses have no spaces. */
export const withoutAddresses = (text: string): string => replacing(text, (part) => mayBeAddress.test(part))

/** The same for those addresses alone that have a `@` or `#` inside: of most texts no part is searched. */
export const withoutAddressesOfSigns = (text: string): string =>
  sign.test(text) ? replacing(text, (part) => sign.test(part) && mayBeAddress.test(part)) : text

const replacing = (text: string, isSearched: (part: string) => boolean): string =>
  text.replace(/\S+/gu, (part) =>
    isSearched(part) ? part.replace(address, (found) => ' '.repeat(found.length)) : part,
  )
