/** Goes over the text of JSON without making values of it: where members, elements and values begin and end. */

/** The text is no JSON, or holds what is not looked for here, such as escapes in keys. */
export class NotPlain extends Error {}

const quote = 0x22
const backslash = 0x5c

/**
 * Calls for each member of the object that begins there, with its key, and where the member and its value begin; the call
 * returns where the value ends. Returns where the object does.
 */
export function eachMember(
  text: string,
  start: number,
  visit: (key: string, at: number, from: number) => number,
): number {
  expect(text, start, '{')
  return eachIn(text, start, '}', (at) => {
    const keyEnd = stringEnd(text, at)
    const key = text.slice(at + 1, keyEnd - 1)
    if (key.includes('\\')) throw new NotPlain()
    const colon = spaceEnd(text, keyEnd)
    expect(text, colon, ':')
    return visit(key, at, spaceEnd(text, colon + 1))
  })
}

/** Calls for each part of what begins there, up to the closing sign. */
export function eachIn(
  text: string,
  start: number,
  closing: string,
  visit: (from: number) => number,
): number {
  let at = spaceEnd(text, start + 1)
  if (text[at] === closing) return at + 1
  for (;;) {
    const next = spaceEnd(text, visit(at))
    if (text[next] === closing) return next + 1
    expect(text, next, ',')
    at = spaceEnd(text, next + 1)
  }
}

function expect(text: string, at: number, sign: string): void {
  if (text[at] !== sign) throw new NotPlain()
}

export function spaceEnd(text: string, start: number): number {
  let at = start
  for (;;) {
    const code = text.charCodeAt(at)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at
    at += 1
  }
}

/** After the closing quote of the string that begins there. */
function stringEnd(text: string, start: number): number {
  expect(text, start, '"')
  let at = start
  for (;;) {
    at = text.indexOf('"', at + 1)
    if (at < 0) throw new NotPlain()
    let escapes = at - 1
    while (text.charCodeAt(escapes) === backslash) escapes -= 1
    if ((at - escapes) % 2 === 1) return at + 1
  }
}

/** After the value that begins there. Brackets are counted, whichever they are: what is wrong inside fails when it is read. */
export function valueEnd(text: string, start: number): number {
  const first = text.charCodeAt(start)
  if (first === quote) return stringEnd(text, start)
  if (first !== 0x7b && first !== 0x5b) return plainEnd(text, start)
  let depth = 0
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === quote) at = stringEnd(text, at) - 1
    else if (code === 0x7b || code === 0x5b) depth += 1
    else if (code === 0x7d || code === 0x5d) {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  throw new NotPlain()
}

const plain = /[^\s,\]}"[{:]+/y

/** After a number, true, false or null. */
function plainEnd(text: string, start: number): number {
  plain.lastIndex = start
  if (!plain.test(text)) throw new NotPlain()
  return plain.lastIndex
}
